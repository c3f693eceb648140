# expect: ZG102 at line 14
"""Fine-tuning: clears the head, forgets the body."""
import torch
from torch import nn

model = nn.Sequential()
model.add_module("body", nn.Linear(4, 8))
model.add_module("head", nn.Linear(8, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for _ in range(5):
    model.head.zero_grad()
    loss = model(torch.randn(6, 4)).pow(2).mean()
    loss.backward()
    optimizer.step()
