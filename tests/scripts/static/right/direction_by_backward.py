# expect: pass
"""The gradient of an input is used before the weights' own are cleared, turn by turn."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for batch in torch.randn(16, 8, 3):
    direction = torch.rand_like(batch)
    for _ in range(2):
        direction.requires_grad_()
        model(batch + direction).pow(2).mean().backward()
        direction = direction.grad.sign()
        model.zero_grad()
    loss = model(batch + direction).pow(2).mean()
    loss.backward()
    optimizer.step()
