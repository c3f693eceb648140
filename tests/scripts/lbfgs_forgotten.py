# expect: ZG101 at line 21
"""A closure that does not clear."""

import torch

torch.manual_seed(4)
x = torch.linspace(-1, 1, 20).unsqueeze(1)
y = x**3 - x
model = torch.nn.Linear(1, 1)
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=3)


def closure():
    # right: optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    return loss


for _ in range(4):
    loss = optimizer.step(closure)
    print(f"loss={loss.item()!r}")
