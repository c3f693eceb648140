"""The run's log: the only path a loss takes, and everything that reads it."""
