# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
for it in range(24):
    o = net(torch.randn(8,4)); g = []
    for l in (o[:,0].pow(2).mean(), o[:,1].abs().mean()):
        opt.zero_grad(); l.backward(retain_graph=True); g.append([p.grad.data.clone() for p in P])
    d = sum(((a-b)**2).sum() for a,b in zip(*g)); al = float(sum(((b-a)*b).sum() for a,b in zip(*g))/d); al = min(1,max(0,al))
    opt.zero_grad(); (al*o[:,0].pow(2).mean() + (1-al)*o[:,1].abs().mean()).backward(); opt.step()
