"""Scripts and notebooks run under observation, which always ends."""
