# expect: pass
"""A fused optimizer and one with foreach."""
import torch

one, two = torch.nn.Linear(3, 1), torch.nn.Linear(3, 1)
fused = torch.optim.AdamW(one.parameters(), fused=True)
foreach = torch.optim.SGD(two.parameters(), lr=0.1, momentum=0.9, nesterov=True, foreach=True)
for _ in range(5):
    for model, optimizer in ((one, fused), (two, foreach)):
        optimizer.zero_grad()
        model(torch.randn(6, 3)).pow(2).mean().backward()
        optimizer.step()
