# expect: pass
"""Adversarial training whose ascent steps all count: each backward serves input and weights."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
table, head = nn.Embedding(20, 8), nn.Linear(8, 2)
opt = torch.optim.AdamW([*table.parameters(), *head.parameters()], 1e-3)
def ascend(words, labels, steps=3):
    moved = torch.zeros(8, 5, 8)
    for step in range(steps):
        moved.requires_grad_()
        (F.cross_entropy(head((table(words) + moved).mean(1)), labels) / steps).backward()
        moved = (moved + 0.1 * moved.grad.sign()).detach()
for _ in range(12):
    words, labels = torch.randint(0, 20, (8, 5)), torch.randint(0, 2, (8,))
    opt.zero_grad()
    (F.cross_entropy(head(table(words).mean(1)), labels) / 2).backward()
    ascend(words, labels)
    opt.step()
