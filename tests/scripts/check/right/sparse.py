# expect: pass
"""Sparse gradients of an embedding."""
import torch

table = torch.nn.Embedding(10, 3, sparse=True)
optimizer = torch.optim.SparseAdam(table.parameters())
for _ in range(5):
    optimizer.zero_grad()
    table(torch.randint(10, (6,))).pow(2).mean().backward()
    optimizer.step()
