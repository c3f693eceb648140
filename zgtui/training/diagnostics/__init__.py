"""What is measured of a run beside its loss, from outside the training step."""
