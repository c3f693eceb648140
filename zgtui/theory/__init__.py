"""Closed forms of gradient descent, cleared or not: see claims.md."""
