# expect: pass
"""A compiled model whose forward fills a tensor in place."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        shift = torch.empty_like(x).fill_(0)
        scratch = torch.ones_like(x)
        scratch.zero_()
        return self.linear(x + shift + scratch).sum(1)


torch.manual_seed(11)
model = torch.compile(Net(), backend="eager")
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(12, 4), torch.randn(12)
for _ in range(5):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(f"loss={loss.item()!r}")
