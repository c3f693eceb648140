"""What is looked at: tables, logs and the runs of other tools, each read piece by piece."""
