# expect: pass
"""What the second loss added is told from the first's by their difference; their weights differ."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 2)
opt = torch.optim.SGD(net.parameters(), 0.05)
for _ in range(12):
    out = net(torch.randn(8, 4))
    opt.zero_grad()
    out[:, 0].pow(2).mean().backward(retain_graph=True)
    first = [p.grad.clone() for p in net.parameters()]
    out[:, 1].pow(2).mean().backward()
    second = [torch.add(p.grad, one, alpha=-1) for p, one in zip(net.parameters(), first)]
    for p, one, other in zip(net.parameters(), first, second):
        p.grad = one + 0.5 * other
    opt.step()
