# expect: ZG201 at line 11
"""Cleared between backward and step, with clipping after it."""
import torch


def fit(model, loader, opt):
    for x, y in loader:
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        print(loss.item())
        opt.zero_grad()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
