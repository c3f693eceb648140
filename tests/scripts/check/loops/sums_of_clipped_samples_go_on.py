# expect: ZG103 at line 27
"""Per-sample gradients of torch.func are clipped and added to sums that nothing empties."""
import torch
from torch import nn
import torch.nn.functional as F
from torch.func import functional_call, grad, vmap

torch.manual_seed(0)
net = nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)


def loss_of(params, x, y):
    return F.cross_entropy(functional_call(net, params, (x[None],)), y[None])


each = vmap(grad(loss_of), in_dims=(None, 0, 0))
sums = {name: torch.zeros_like(p) for name, p in net.named_parameters()}
for _ in range(16):
    x, y = torch.randn(16, 4), torch.randint(3, (16,))
    held = each({name: p.detach() for name, p in net.named_parameters()}, x, y)
    norms = torch.stack([g.flatten(1).norm(dim=1) for g in held.values()]).norm(dim=0)
    factors = (1 / (norms + 1e-6)).clamp(max=1)
    for name, p in net.named_parameters():
        sums[name] += torch.einsum("n,n...->...", factors, held[name]) + 0.1 * torch.randn_like(p)
        p.grad = sums[name] / 16
    opt.step()
