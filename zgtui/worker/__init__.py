"""The process border: the messages, the training process, and the client that talks to it."""
