# expect: ZG301 at line 20
"""Gradients are gathered by reference; the actor's backward adds to the critic's, gathered before."""
import torch
from torch import nn
torch.manual_seed(0)
actor, critic = nn.Linear(4, 2), nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 1))
weights = {"critic": list(critic.parameters()), "actor": list(actor.parameters())}
opts = {name: torch.optim.Adam(several, 1e-3) for name, several in weights.items()}
for _ in range(12):
    state, action = torch.randn(8, 4), torch.randn(8, 2)
    value = critic(torch.cat([state, action], 1)) - torch.randn(8, 1)
    losses = {"critic": value.pow(2).mean(), "actor": -critic(torch.cat([state, actor(state)], 1)).mean()}
    gathered = {}
    for name, opt in opts.items():
        opt.zero_grad()
        losses[name].backward()
        gathered |= {p: p.grad for p in weights[name]}
    for name, opt in opts.items():
        for p in weights[name]: p.grad = gathered[p]
        opt.step()
