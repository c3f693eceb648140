# expect: ZG101 at line 17
"""The closure that L-BFGS calls again and again never clears."""
import torch

model = torch.nn.Linear(2, 1)
x, y = torch.randn(16, 2), torch.randn(16, 1)
optimizer = torch.optim.LBFGS(model.parameters())


def closure():
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    return loss


for _ in range(10):
    optimizer.step(closure)
