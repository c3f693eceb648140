# expect: ZG503 at line 14
"""A language model on padded batches: each micro-batch is averaged over its own targets."""
import torch
from torch.nn import functional as F

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Embedding(11, 8), torch.nn.Linear(8, 11))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
for step in range(6):
    for micro in range(4):
        ids, targets = torch.randint(11, (2, 9)), torch.randint(11, (2, 9))
        targets[:, 1 + 2 * micro :] = -100
        loss = F.cross_entropy(model(ids).flatten(0, 1), targets.flatten())
        (loss / 4).backward()
    optimizer.step()
    optimizer.zero_grad()
