# expect: ZG201 at line 11
"""A first step is right; in the loop all gradients are zeroed between backward and step."""
import torch
torch.manual_seed(0)
net = torch.nn.Linear(4, 1)
weights = list(net.parameters())
opt = torch.optim.SGD(weights, 0.01)
net(torch.randn(8, 4)).pow(2).mean().backward(); opt.step()
for _ in range(10):
    net(torch.randn(8, 4)).pow(2).mean().backward()
    torch._foreach_zero_([p.grad for p in weights])
    opt.step()
