# expect: pass
"""A body that is thawed later, in a group of its own."""
import torch

body, head = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)
body.requires_grad_(False)
optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
for i in range(8):
    if i == 3:
        body.requires_grad_(True)
        optimizer.add_param_group({"params": list(body.parameters()), "lr": 0.001})
    optimizer.zero_grad()
    head(body(torch.randn(6, 3)).relu()).pow(2).mean().backward()
    optimizer.step()
