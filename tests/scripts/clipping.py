# expect: pass
"""Clipping by norm and by value; model.zero_grad(); clearing at the end of the step."""

import torch
from torch import nn

torch.manual_seed(8)
model = nn.LSTM(3, 5, batch_first=True)
head = nn.Linear(5, 1)
both = nn.ModuleList([model, head])
optimizer = torch.optim.RMSprop(both.parameters(), lr=0.02)
x, y = torch.randn(8, 6, 3), torch.randn(8, 1)
for _ in range(7):
    out, _ = model(x)
    loss = nn.functional.smooth_l1_loss(head(out[:, -1]), y)
    loss.backward()
    nn.utils.clip_grad_norm_(both.parameters(), 0.3)
    nn.utils.clip_grad_value_(both.parameters(), 0.1)
    optimizer.step()
    both.zero_grad()
    print(f"loss={loss.item()!r}")
