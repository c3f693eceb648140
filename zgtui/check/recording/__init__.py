"""Inside a checked script: each gradient is followed from its backward to the step."""
