# expect: pass
"""Steps at the top of each turn; a penalty goes back at the end of every third."""
import torch, torch.nn as nn
torch.manual_seed(0); net = nn.Linear(4, 1); opt = torch.optim.SGD(net.parameters(), .05)
def reg(): (1e-2 * net.weight.abs().sum()).backward()
for i in range(30):
    opt.step(); opt.zero_grad()
    net(torch.randn(8, 4)).pow(2).mean().backward()
    if i % 3 == 0: reg()
