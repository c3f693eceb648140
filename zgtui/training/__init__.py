"""How a comparison is trained: the step, the two runs, the devices."""
