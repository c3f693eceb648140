# expect: ZG103 at line 10
"""The epoch clears, its batches are in a function of their own, and that is called by another."""
import torch


def train(model, loader, optimizer):
    optimizer.zero_grad()
    for x in loader:
        model(x).mean().backward()
        optimizer.step()


def experiment(rate):
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(5):
        train(model, torch.randn(4, 6, 3), optimizer)


for rate in (0.1, 0.01):
    experiment(rate)
