"""``zgtui train``: the same training without the app, and what is told and written of it."""
