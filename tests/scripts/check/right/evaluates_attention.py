# expect: pass
"""Trains a transformer and evaluates it, where torch takes the fast path of attention."""

import torch
from torch import nn

torch.manual_seed(5)
layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
model = nn.Sequential(nn.TransformerEncoder(layer, 2), nn.Linear(32, 1))
attention = nn.MultiheadAttention(32, 4, batch_first=True).eval()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
held_out = torch.randn(8, 10, 32)
for _ in range(6):
    model.train()
    optimizer.zero_grad()
    model(torch.randn(8, 10, 32)).pow(2).mean().backward()
    optimizer.step()
    model.eval()
    with torch.no_grad():
        print(f"loss={model(held_out).double().pow(2).sum().item()!r}")
        attended, _ = attention(held_out, held_out, held_out, need_weights=False)
        print(f"loss={attended.double().pow(2).sum().item()!r}")
