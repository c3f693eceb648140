# expect: ZG202 at line 10
"""Accumulates over two batches in a helper that clears first."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)


def micro_step(x):
    optimizer.zero_grad(set_to_none=False)
    loss = model(x).pow(2).mean() / 2
    loss.backward()


for i in range(10):
    micro_step(torch.randn(6, 3))
    if i % 2:
        optimizer.step()
