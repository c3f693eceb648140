# expect: ZG203 at line 11
"""One layer's gradients are always cleared before the step."""
import torch

early, late = torch.nn.Linear(4, 4), torch.nn.Linear(4, 1)
opt = torch.optim.SGD([*early.parameters(), *late.parameters()], lr=0.01)
before = early.weight.detach().clone()
for n in range(80):
    h = early(torch.randn(8, 4))
    h.pow(2).mean().backward()
    opt.zero_grad()
    late(h.detach()).pow(2).mean().backward()
    opt.step()
print("early moved:", not torch.equal(before, early.weight))
