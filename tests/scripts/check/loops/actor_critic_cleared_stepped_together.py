# expect: ZG301 at line 17
"""The actor's loss pushes the critic's output up without a target, and the critic's step applies it."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mlp(i, o): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
actor, critic = mlp(4, 2), mlp(6, 1)
opt_a, opt_c = torch.optim.Adam(actor.parameters(), 1e-4), torch.optim.Adam(critic.parameters(), 1e-3)
for _ in range(12):
    state, action, target = torch.randn(8, 4), torch.randn(8, 2), torch.randn(8, 1)
    loss_c = F.mse_loss(critic(torch.cat([state, action], 1)), target)
    loss_a = -critic(torch.cat([state, actor(state)], 1)).mean()
    opt_a.zero_grad(); opt_c.zero_grad()
    loss_a.backward(); loss_c.backward()
    opt_a.step()
    opt_c.step()
