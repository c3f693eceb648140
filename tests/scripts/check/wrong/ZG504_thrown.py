# expect: ZG504 at line 13
"""Each epoch begins with a clearing, which throws away what the last one left over."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
batches = torch.randn(11, 6, 3)
for epoch in range(4):
    optimizer.zero_grad()
    for i, batch in enumerate(batches):
        (model(batch).pow(2).mean() / 4).backward()
        if (i + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
