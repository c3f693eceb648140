# expect: ZG201 at line 14
"""The critic is cleared too late; cleared behind its step, it would keep the actor's gradients."""
import torch
from torch import nn

torch.manual_seed(0)
actor, critic = nn.Linear(3, 1), nn.Linear(4, 1)
actor_opt = torch.optim.Adam(actor.parameters(), 1e-3)
critic_opt = torch.optim.Adam(critic.parameters(), 1e-3)
for _ in range(6):
    state, action = torch.randn(8, 3), torch.randn(8, 1)
    loss = critic(torch.cat([state, action], 1)).pow(2).mean()
    loss.backward()
    critic_opt.zero_grad()
    critic_opt.step()
    actor_opt.zero_grad()
    (-critic(torch.cat([state, actor(state)], 1)).mean()).backward()
    actor_opt.step()
