# expect: pass
"""torch.func: a dictionary of parameters, made anew from each gradient, without any optimizer."""
import torch
from torch import nn
from torch.func import functional_call, grad_and_value
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
params = {name: p.detach() for name, p in net.named_parameters()}
def loss_of(params, x): return functional_call(net, params, (x,)).pow(2).mean()
for _ in range(12):
    grads, loss = grad_and_value(loss_of)(params, torch.randn(8, 4))
    params = {name: p - 0.1 * grads[name] for name, p in params.items()}
