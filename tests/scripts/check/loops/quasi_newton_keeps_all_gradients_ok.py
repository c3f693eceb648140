# expect: pass
"""A quasi-Newton direction from the differences of all gradients so far, which a list keeps."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
params, opt = list(net.parameters()), torch.optim.SGD(net.parameters(), lr=0.05)
x, y = torch.randn(64, 4), torch.randn(64, 1)
grads, points = [], []
for _ in range(20):
    opt.zero_grad()
    (net(x) - y).pow(2).mean().backward()
    grads.append(torch.cat([p.grad.flatten() for p in params]))
    points.append(torch.cat([p.detach().flatten() for p in params]))
    moved = [after - before for before, after in zip(points, points[1:])]
    turned = [after - before for before, after in zip(grads, grads[1:])]
    q, shares = grads[-1].clone(), []
    for s, t in zip(reversed(moved), reversed(turned)):
        shares.append((s.dot(q) / (t.dot(s) + 1e-8)).item())
        q.add_(t, alpha=-shares[-1])
    for s, t, share in zip(moved, turned, reversed(shares)):
        q.add_(s, alpha=share - (t.dot(q) / (t.dot(s) + 1e-8)).item())
    for p, piece in zip(params, q.split([p.numel() for p in params])):
        p.grad = piece.view_as(p).clone()
    opt.step()
