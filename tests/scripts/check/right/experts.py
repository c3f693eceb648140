# expect: pass
"""A mixture of experts: most get no gradient in a step."""
import torch

torch.manual_seed(0)
experts = torch.nn.ModuleList(torch.nn.Linear(3, 1) for _ in range(4))
optimizer = torch.optim.SGD(experts.parameters(), lr=0.1)
for i in range(8):
    experts[i % 4](torch.randn(6, 3)).pow(2).mean().backward()
    optimizer.step()
    experts.zero_grad()
