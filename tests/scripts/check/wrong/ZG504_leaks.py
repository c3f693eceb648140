# expect: ZG504 at line 12
"""Ten batches an epoch, a step every fourth: the last two go on into the next epoch."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
batches = torch.randn(10, 6, 3)
for epoch in range(4):
    for i, batch in enumerate(batches):
        (model(batch).pow(2).mean() / 4).backward()
        if (i + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
