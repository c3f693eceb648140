# expect: pass
"""Two optimizers, sparse and dense, that share one backward."""

import torch
from torch import nn

torch.manual_seed(15)
embedding, head = nn.Embedding(10, 4, sparse=True), nn.Linear(4, 1)
sparse = torch.optim.SparseAdam(embedding.parameters(), lr=0.05)
dense = torch.optim.Adam(head.parameters(), lr=0.05)
tokens, y = torch.randint(10, (16,)), torch.randn(16, 1)
for _ in range(6):
    sparse.zero_grad()
    dense.zero_grad()
    loss = nn.functional.mse_loss(head(embedding(tokens)), y)
    loss.backward()
    sparse.step()
    dense.step()
    print(f"loss={loss.item()!r}")
