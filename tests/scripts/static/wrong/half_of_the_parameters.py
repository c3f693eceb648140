# expect: ZG102 at line 14
"""One optimizer over two networks, of which one is cleared by hand."""
import torch
from torch import nn

encoder, decoder = nn.Linear(4, 2), nn.Linear(2, 4)
optimizer = torch.optim.Adam([{"params": encoder.parameters()}, {"params": decoder.parameters()}])
for x in torch.randn(20, 8, 4):
    for p in encoder.parameters():
        p.grad = None
    loss = (decoder(encoder(x)) - x).pow(2).mean()
    loss.backward()

    optimizer.step()
