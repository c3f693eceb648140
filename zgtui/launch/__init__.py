"""The parent of a user's script: starts its runs, listens to them, ends them."""
