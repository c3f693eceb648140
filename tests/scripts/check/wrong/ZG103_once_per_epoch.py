# expect: ZG103 at line 12
"""zero_grad() stands one level too far out."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(3):
    optimizer.zero_grad()
    for batch in torch.randn(4, 6, 3):
        loss = model(batch).pow(2).mean()
        loss.backward()
        optimizer.step()
