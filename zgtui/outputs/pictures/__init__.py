"""Losses and maps drawn with matplotlib: for papers, and in a window beside training."""
