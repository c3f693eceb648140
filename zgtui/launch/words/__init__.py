"""What is told of a script's two runs, in words and as JSON."""
