"""The result of a comparison in plain words, for the app, the command line and notebooks alike."""
