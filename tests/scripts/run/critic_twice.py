"""A critic that is trained twice for each step of its generator."""

import torch
from torch import nn

torch.manual_seed(3)
generator, critic = nn.Linear(2, 2), nn.Linear(2, 1)
critic_optimizer = torch.optim.RMSprop(critic.parameters(), lr=0.02)
generator_optimizer = torch.optim.Adam(
    [{"params": [generator.weight]}, {"params": [generator.bias], "lr": 0.001}], lr=0.01
)
for _ in range(6):
    for _ in range(2):
        critic_optimizer.zero_grad()
        fake = generator(torch.randn(16, 2)).detach()
        critic_loss = critic(fake).mean() - critic(torch.randn(16, 2) + 2).mean()
        critic_loss.backward()
        critic_optimizer.step()
    generator_optimizer.zero_grad()
    generator_loss = -critic(generator(torch.randn(16, 2))).mean()
    generator_loss.backward()
    generator_optimizer.step()
