# expect: pass
"""A while loop adds a penalty now and then, ahead of its loss."""
import torch, torch.nn as nn
torch.manual_seed(0); net = nn.Linear(4, 1); opt = torch.optim.SGD(net.parameters(), .05); it = 0
def reg(): (1e-2 * net.weight.abs().sum()).backward()
while it < 30:
    opt.zero_grad()
    if it % 3 == 0: reg()
    net(torch.randn(8, 4)).pow(2).mean().backward()
    opt.step(); it += 1
