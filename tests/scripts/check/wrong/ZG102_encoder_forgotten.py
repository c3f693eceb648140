# expect: ZG102 at line 14
"""One optimizer over two modules; only one of them is cleared."""
import itertools
import torch
from torch import nn

encoder, decoder = nn.Linear(4, 2), nn.Linear(2, 4)
optimizer = torch.optim.Adam(itertools.chain(encoder.parameters(), decoder.parameters()))
for _ in range(5):
    x = torch.randn(8, 4)
    loss = (decoder(encoder(x)) - x).pow(2).mean()
    decoder.zero_grad()
    loss.backward()
    optimizer.step()
