"""What the screens show, without a widget: live comparisons, their facts and their words."""
