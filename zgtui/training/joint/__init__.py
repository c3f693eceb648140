"""Steps of several runs at once, and steps that a GPU repeats by itself: bit for bit the same."""
