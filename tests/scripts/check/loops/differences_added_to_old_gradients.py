# expect: ZG101 at line 19
"""The server's gradient is made of weights, and added to that of the round before."""
import copy
import torch
from torch import nn

torch.manual_seed(0)
server = nn.Linear(3, 2)
opt = torch.optim.SGD(server.parameters(), lr=0.5)
for round in range(10):
    client = copy.deepcopy(server)
    own = torch.optim.SGD(client.parameters(), lr=0.1)
    for _ in range(3):
        own.zero_grad()
        client(torch.randn(8, 3)).pow(2).mean().backward()
        own.step()
    for p, moved in zip(server.parameters(), client.parameters()):
        p.grad = (0 if p.grad is None else p.grad) + (p.data - moved.data)
    opt.step()
