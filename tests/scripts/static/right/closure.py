# expect: pass
"""A closure that clears first, handed to a helper that steps."""
import torch


def fit(model, loader, optimizer):
    for x in loader:

        def closure():
            optimizer.zero_grad()
            loss = model(x).pow(2).mean()
            loss.backward()
            return loss

        optimizer.step(closure)


model = torch.nn.Linear(3, 1)
adam = torch.optim.Adam(model.parameters())
fit(model, torch.randn(20, 8, 3), adam)
