"""ZG301: gradients meant for something else leak in.

With the argument "right" the right loop is trained.
"""

import sys

import torch
from torch.nn import functional

RIGHT = "right" in sys.argv

torch.manual_seed(0)
actor, critic = torch.nn.Linear(3, 1), torch.nn.Linear(4, 1)
actor_optimizer = torch.optim.SGD(actor.parameters(), lr=0.02)
critic_optimizer = torch.optim.SGD(critic.parameters(), lr=0.1)
for _ in range(100):
    state, action = torch.randn(16, 3), torch.randn(16, 1)
    if RIGHT:
        critic_optimizer.zero_grad()
    reward = state[:, :1] - action
    functional.mse_loss(critic(torch.cat([state, action], 1)), reward).backward()
    critic_optimizer.step()
    if not RIGHT:
        critic_optimizer.zero_grad()
    actor_optimizer.zero_grad()
    loss = -critic(torch.cat([state, actor(state).tanh()], 1)).mean()
    loss.backward()
    actor_optimizer.step()
