# expect: pass
"""Adversarial training: several backwards find the attack and are cleared."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
model = torch.nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(5):
    x, y = torch.randn(8, 3), torch.randint(2, (8,))
    delta = torch.zeros_like(x, requires_grad=True)
    for _ in range(3):
        F.cross_entropy(model(x + delta), y).backward()
        delta.data.add_(0.01 * delta.grad.sign())
        delta.grad.zero_()
    optimizer.zero_grad()
    F.cross_entropy(model(x + delta.detach()), y).backward()
    optimizer.step()
