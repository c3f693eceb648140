"""Asks before it starts."""

import torch

name = input("name of the run? ")
print(name, torch.randn(1))
