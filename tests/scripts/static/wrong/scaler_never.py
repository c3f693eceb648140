# expect: ZG101 at line 12
"""A GradScaler steps the optimizer that it is given; nothing clears."""
import torch


def train(model, loader, optimizer):
    scaler = torch.amp.GradScaler("cpu")
    for x in loader:
        loss = model(x).mean()
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        scaler.step(optimizer)
        scaler.update()
