# expect: pass
"""A policy's step() is given a number whose name sounds like an optimizer's."""
import torch


def train(policy, model, optim_steps, loader):
    optimizer = torch.optim.Adam(model.parameters())
    for x in loader:
        optimizer.zero_grad()
        model(x).mean().backward()
        optimizer.step()
        policy[1].step(optim_steps)
