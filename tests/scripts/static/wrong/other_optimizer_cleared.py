# expect: ZG101 at line 17
"""The encoder's zero_grad() does not clear the discriminator."""
import torch
from torch import nn

encoder, critic = nn.Linear(4, 2), nn.Linear(2, 1)
optimizer_E = torch.optim.Adam(encoder.parameters())
optimizer_D = torch.optim.Adam(critic.parameters())
for batch in torch.randn(20, 8, 4):
    code = encoder(batch)
    loss_E = -critic(code).mean()
    optimizer_E.zero_grad()
    loss_E.backward()
    optimizer_E.step()
    loss_D = critic(code.detach()).mean() - critic(torch.randn(8, 2)).mean()
    loss_D.backward()
    optimizer_D.step()
