# expect: pass
"""A fused optimizer, gradients kept as zeros, an average of the weights filled in by hand."""

import copy

import torch
from torch import nn

torch.manual_seed(10)
model = nn.Linear(5, 2)
average = copy.deepcopy(model)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.03, fused=True)
x, y = torch.randn(20, 5), torch.randn(20, 2)
seen = torch.ones(3)
for _ in range(6):
    optimizer.zero_grad(set_to_none=False)
    loss = (model(x) - y).abs().mean()
    loss.backward()
    optimizer.step()
    seen.zero_()
    seen.fill_(0)
    with torch.no_grad():
        for mean, now in zip(average.parameters(), model.parameters()):
            mean.mul_(0.9).add_(now, alpha=0.1)
    assert float(seen.sum()) == 0
    print(f"loss={loss.item()!r}")
