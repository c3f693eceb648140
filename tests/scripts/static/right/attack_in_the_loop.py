# expect: pass
"""Adversarial training: the inner loop clears the model and uses the gradient of the input."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x in torch.randn(20, 8, 3):
    x = x.requires_grad_()
    for _ in range(3):
        model.zero_grad()
        model(x).pow(2).mean().backward()
        x = (x + 0.01 * x.grad.sign()).detach().requires_grad_()
    optimizer.zero_grad()
    model(x.detach()).pow(2).mean().backward()
    optimizer.step()
