# expect: ZG103 at line 17
"""L-BFGS calls its closure several times a step; the clearing comes once a step."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.LBFGS(model.parameters())


def closure():
    loss = model(torch.ones(8, 3)).pow(2).mean()
    loss.backward()
    return loss


for _ in range(10):
    optimizer.zero_grad()
    optimizer.step(closure)
