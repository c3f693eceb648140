# expect: pass
"""A body that is frozen halfway."""
import torch

body, head = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.01, momentum=0.9)
for i in range(8):
    if i == 4:
        body.requires_grad_(False)
    optimizer.zero_grad()
    head(body(torch.randn(6, 3)).relu()).pow(2).mean().backward()
    optimizer.step()
