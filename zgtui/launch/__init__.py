"""The parent of a user's script: starts its runs, hears of them, ends them."""
