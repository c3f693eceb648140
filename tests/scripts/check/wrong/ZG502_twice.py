# expect: ZG502 at line 17
"""The loss function divides, and so does the loop."""
import torch

ACCUMULATE = 4
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)


def loss_of(batch):
    return model(batch).pow(2).mean() / ACCUMULATE


for i, batch in enumerate(torch.randn(24, 6, 3)):
    loss = loss_of(batch)
    loss = loss / ACCUMULATE
    loss.backward()
    if (i + 1) % ACCUMULATE == 0:
        optimizer.step()
        optimizer.zero_grad()
