# expect: ZG105 at line 19
"""The step is in the helper and in the loop."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)


def train(x):
    optimizer.zero_grad()
    loss = model(x).pow(2).mean()
    loss.backward()
    optimizer.step()
    return loss


for _ in range(5):
    print(train(torch.randn(6, 3)).item())
    optimizer.step()
