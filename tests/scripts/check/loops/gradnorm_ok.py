# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
wts = nn.Parameter(torch.ones(2)); ow = torch.optim.SGD([wts], .01)
for it in range(24):
    o = net(torch.randn(8,4)); ls = [o[:,0].pow(2).mean(), o[:,1].abs().mean()]
    opt.zero_grad(); (wts[0]*ls[0] + wts[1]*ls[1]).backward(retain_graph=True)
    wts.grad = None
    gn = torch.stack([torch.autograd.grad(wts[k]*ls[k], net[0].weight, retain_graph=True, create_graph=True)[0].norm() for k in range(2)])
    wts.grad = torch.autograd.grad((gn - gn.mean().detach()).abs().sum(), wts)[0]
    opt.step(); ow.step()
