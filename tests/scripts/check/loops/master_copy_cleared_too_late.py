# expect: ZG201 at line 14
"""The model is cleared before its gradients are copied to the parameters that are stepped."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
net = nn.Linear(6, 2).bfloat16()
masters = [p.detach().clone().float().requires_grad_() for p in net.parameters()]
opt = torch.optim.SGD(masters, 0.05)
for _ in range(12):
    x, y = torch.randn(4, 6).bfloat16(), torch.randint(0, 2, (4,))
    (F.cross_entropy(net(x).float(), y) * 128).backward()
    net.zero_grad(set_to_none=False)
    for master, p in zip(masters, net.parameters()):
        master.grad = p.grad.float() / 128
    opt.step()
    for master, p in zip(masters, net.parameters()): p.data.copy_(master.data)
