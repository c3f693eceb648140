# expect: pass
"""TD3: the actor steps every second time, with a backward of its own."""
import torch
from torch import nn


class Agent:
    def __init__(self):
        self.actor, self.critic = nn.Linear(3, 1), nn.Linear(4, 1)
        self.actor_opt = torch.optim.Adam(self.actor.parameters())
        self.critic_opt = torch.optim.Adam(self.critic.parameters())

    def zero(self):
        self.actor.zero_grad()
        self.critic.zero_grad()

    def learn(self, state, action, step):
        loss = self.critic(torch.cat([state, action], 1)).pow(2).mean()
        self.zero()
        loss.backward()
        self.critic_opt.step()
        if step % 2 == 0:
            self.zero()
            (-self.critic(torch.cat([state, self.actor(state)], 1)).mean()).backward()
            self.actor_opt.step()
