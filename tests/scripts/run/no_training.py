"""Never calls backward."""

import torch

print(torch.nn.Linear(2, 1)(torch.ones(1, 2)).shape)
