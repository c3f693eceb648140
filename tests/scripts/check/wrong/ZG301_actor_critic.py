# expect: ZG301 at line 13
"""The actor's loss goes through the critic, which is cleared too early."""
import torch
from torch import nn

actor, critic = nn.Linear(3, 1), nn.Linear(4, 1)
actor_opt = torch.optim.SGD(actor.parameters(), lr=0.01)
critic_opt = torch.optim.SGD(critic.parameters(), lr=0.01)
for _ in range(5):
    state, action = torch.randn(8, 3), torch.randn(8, 1)
    loss = critic(torch.cat([state, action], 1)).pow(2).mean()
    loss.backward()
    critic_opt.step()
    critic_opt.zero_grad()
    actor_opt.zero_grad()
    (-critic(torch.cat([state, actor(state)], 1)).mean()).backward()
    actor_opt.step()
