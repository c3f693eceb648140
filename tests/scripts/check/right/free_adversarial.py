# expect: pass
"""Free adversarial training: each replay is a step of its own."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
model = torch.nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
delta = torch.zeros(8, 3)
for _ in range(3):
    x, y = torch.randn(8, 3), torch.randint(2, (8,))
    for _ in range(3):
        noise = delta.clone().requires_grad_()
        loss = F.cross_entropy(model(x + noise), y)
        optimizer.zero_grad()
        loss.backward()
        delta = (delta + 0.01 * noise.grad.sign()).clamp(-0.1, 0.1)
        optimizer.step()
