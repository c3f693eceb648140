# expect: ZG203 at line 12
"""An encoder with a loss of its own, and a clearing between its backward and the decoder's."""
import torch
from torch import nn

torch.manual_seed(0)
encoder, decoder = nn.Linear(4, 2), nn.Linear(2, 4)
optimizer = torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=0.05)
for x in torch.randn(6, 8, 4):
    code = encoder(x)
    code.pow(2).mean().backward()
    optimizer.zero_grad(set_to_none=False)
    (decoder(code.detach()) - x).pow(2).mean().backward()
    optimizer.step()
