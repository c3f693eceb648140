# expect: ZG101 at line 19
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
from torch.func import functional_call, grad, vmap
for it in range(24):
    x = torch.randn(6,4)
    def f(prm, xi): return functional_call(net, prm, (xi[None],)).pow(2).mean()
    prm = {k: v.detach() for k, v in net.named_parameters()}
    gs = vmap(grad(f), in_dims=(None, 0))(prm, x)
    norms = torch.stack([g.flatten(1).norm(dim=1) for g in gs.values()]).norm(dim=0)
    c = (1/(norms+1e-6)).clamp(max=1)
    for k, p in net.named_parameters():
        g = torch.einsum('i,i...->...', c, gs[k]) + .01*torch.randn_like(p)
        p.grad = g/6 if p.grad is None else p.grad + g/6
    opt.step()
