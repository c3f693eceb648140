"""Losses in memory: bounded histories, curves at any steps, trends, and recordings of both."""
