# expect: ZG103 at line 14
"""The step stands outside of the accumulation's window, the clearing inside of it."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for i, batch in enumerate(torch.randn(40, 6, 3)):
    loss = model(batch).pow(2).mean() / 4
    loss.backward()
    if (i + 1) % 4 == 0:
        print(i)
        optimizer.zero_grad()
    optimizer.step()
