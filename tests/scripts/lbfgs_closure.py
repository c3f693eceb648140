# expect: pass
"""A closure, as LBFGS needs it."""

import torch

torch.manual_seed(4)
x = torch.linspace(-1, 1, 20).unsqueeze(1)
y = x**3 - x
model = torch.nn.Sequential(torch.nn.Linear(1, 6), torch.nn.Tanh(), torch.nn.Linear(6, 1))
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=4)
for _ in range(5):

    def closure():
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        return loss

    loss = optimizer.step(closure)
    print(f"loss={loss.item()!r}")
