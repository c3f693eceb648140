# expect: ZG201 at line 10
"""A helper that clears hides between backward and step."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters())


def apply_gradients():
    optimizer.zero_grad()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


for _ in range(5):
    model(torch.randn(6, 3)).pow(2).mean().backward()
    apply_gradients()
