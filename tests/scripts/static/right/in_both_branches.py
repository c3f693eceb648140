# expect: pass
"""Each branch steps and clears; one skips what is not finite."""
import torch


def train(model, loader, optimizer, scaler=None):
    for x in loader:
        loss = model(x).mean()
        if not torch.isfinite(loss):
            optimizer.zero_grad()
            continue
        if scaler is not None:
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        else:
            loss.backward()
            optimizer.step()
        optimizer.zero_grad()
