# expect: pass
"""Heads used in turns, all cleared each time."""
import torch

torch.manual_seed(0)
body = torch.nn.Linear(3, 4)
heads = torch.nn.ModuleList([torch.nn.Linear(4, 1), torch.nn.Linear(4, 2)])
optimizer = torch.optim.AdamW([*body.parameters(), *heads.parameters()])
for i in range(8):
    optimizer.zero_grad(set_to_none=i > 4)
    heads[i % 2](body(torch.randn(6, 3))).pow(2).mean().backward()
    optimizer.step()
