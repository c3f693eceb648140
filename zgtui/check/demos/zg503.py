"""ZG503: means over unequal micro-batches are weighted equally.

With the argument "right" the right loop is trained.
"""

import sys

import torch
from torch.nn import functional

RIGHT = "right" in sys.argv

torch.manual_seed(0)
classifier = torch.nn.Linear(3, 5)
optimizer = torch.optim.SGD(classifier.parameters(), lr=0.5)
inputs, targets = torch.randn(4, 16, 3), torch.randint(5, (4, 16))
for length, row in zip((16, 8, 4, 1), targets, strict=True):
    row[length:] = -100  # padding, which cross_entropy leaves out
known = (targets != -100).sum()
for _ in range(100):
    for micro, labels in zip(inputs, targets, strict=True):
        if RIGHT:
            loss = functional.cross_entropy(classifier(micro), labels, reduction="sum")
            (loss / known).backward()
        else:
            (functional.cross_entropy(classifier(micro), labels) / 4).backward()
    optimizer.step()
    optimizer.zero_grad()
