# expect: ZG301 at line 12
"""Hooks keep what a map of classes needs; the weights keep the gradient, too."""
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0); net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3)); opt = torch.optim.SGD(net.parameters(), .05)
class GradCAM:
    def __init__(s, m, l): s.m = m; l.register_forward_hook(lambda m, i, o: setattr(s, 'a', o)); l.register_full_backward_hook(lambda m, gi, go: setattr(s, 'g', go[0]))
    def __call__(s, x):
        s.m.eval(); s.m(x).max(1).values.sum().backward()
        s.m.train(); return (s.g.mean(0) * s.a).relu().detach()
cam = GradCAM(net, net[0])
for i in range(24):
    F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 3, (8,))).backward(); opt.step(); opt.zero_grad()
    if i % 4 == 1: cam(torch.randn(2, 4))
