# expect: ZG101 at line 15
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

net = mk(); opt = torch.optim.SGD(net.parameters(), .1)
for rnd in range(8):
    clients = []
    for c in range(3):
        
        net(torch.randn(8,4)).pow(2).mean().backward()
        clients.append([p.grad.clone() for p in net.parameters()])
    for i, p in enumerate(net.parameters()): p.grad = torch.stack([g[i] for g in clients]).mean(0)
    opt.step()
    
