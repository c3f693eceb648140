"""Fails inside the fourth backward."""

import torch
from torch import nn


class Brittle(torch.autograd.Function):
    calls = 0

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        Brittle.calls += 1
        if Brittle.calls == 4:
            raise ValueError("brittle")
        return grad


def train():
    torch.manual_seed(27)
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = torch.randn(12, 2), torch.randn(12, 1)
    for _ in range(6):
        optimizer.zero_grad()
        loss = Brittle.apply((model(x) - y).pow(2).mean())
        loss.backward()
        optimizer.step()
        print(f"loss={loss.item()!r}", flush=True)


train()
