"""Changes to the source that put it right, each tried before it is shown."""
