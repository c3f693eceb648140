# expect: ZG103 at line 19
"""LBFGS: clears before the step, not in the closure, so its evaluations add up."""
import torch

torch.manual_seed(2)
model = torch.nn.Linear(2, 1)
x, y = torch.randn(16, 2), torch.randn(16, 1)
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=4)


def closure():
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    return loss


for _ in range(4):
    optimizer.zero_grad()
    optimizer.step(closure)
