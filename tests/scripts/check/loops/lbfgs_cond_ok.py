# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
ol = torch.optim.LBFGS(P, max_iter=3, line_search_fn="strong_wolfe")
for it in range(24):
    def closure():
        if torch.is_grad_enabled(): ol.zero_grad()
        l = loss()
        if l.requires_grad: l.backward()
        return l
    ol.step(closure)
