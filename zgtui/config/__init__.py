"""What can be set: comparisons, options, and where the values come from."""
