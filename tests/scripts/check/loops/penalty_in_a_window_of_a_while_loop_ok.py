# expect: pass
"""A window of micro-batches in a while loop, now and then with one more of another loss."""
import torch, torch.nn as nn
torch.manual_seed(0); net = nn.Linear(4, 1); opt = torch.optim.SGD(net.parameters(), .05); it = 0
def a(x): (net(x).pow(2).mean() / 3).backward()
def b(x): (net(x).abs().mean() / 3).backward()
while it < 20:
    opt.zero_grad()
    for k in range(3):
        if it % 4 == 1 and k < 1: b(torch.randn(8, 4))
        a(torch.randn(8, 4))
    opt.step(); it += 1
