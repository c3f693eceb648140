# expect: pass
"""One condition trains the generator before the critic, which trains each time."""
import torch

generator, critic = torch.nn.Linear(3, 3), torch.nn.Linear(3, 1)
optimizer_g = torch.optim.Adam(generator.parameters())
optimizer_c = torch.optim.Adam(critic.parameters())
for index, batch in enumerate(torch.randn(16, 8, 3)):
    if index % 5 == 0:
        optimizer_g.zero_grad()
        critic(generator(batch)).mean().backward()
        optimizer_g.step()
    optimizer_c.zero_grad()
    critic(batch).pow(2).mean().backward()
    optimizer_c.step()
