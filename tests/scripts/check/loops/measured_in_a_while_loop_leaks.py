# expect: ZG301 at line 7
"""A while loop measures a gradient now and then after its step, and keeps it."""
import torch, torch.nn as nn
torch.manual_seed(0); m = nn.Linear(4, 1); o = torch.optim.SGD(m.parameters(), .05); step = 0
def probe(): m(torch.randn(8, 4)).abs().mean().backward(); return m.weight.grad.norm().item()
while step < 30:
    m(torch.randn(8, 4)).pow(2).mean().backward(); o.step(); o.zero_grad()
    if step % 5 == 0:
        print(probe())
    step += 1
