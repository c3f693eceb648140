# expect: ZG105 at line 12
"""Steps once more at the end of each epoch, with the last batch's gradient."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(3):
    for batch in torch.randn(3, 6, 3):
        optimizer.zero_grad()
        model(batch).pow(2).mean().backward()
        optimizer.step()
    optimizer.step()
