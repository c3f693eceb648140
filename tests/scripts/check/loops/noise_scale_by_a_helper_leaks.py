# expect: ZG301 at line 25
"""Gradient noise scale (McCandlish) from small and big batch, during training."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
class NoiseScale:
    def __init__(self, model, every=3, n=4): self.model, self.every, self.n, self.s, self.g = model, every, n, 0.0, 0.0
    def flat(self): return torch.cat([p.grad.flatten() for p in self.model.parameters()])
    def measure(self, x, y):
        small = []
        for xb, yb in zip(x.chunk(self.n), y.chunk(self.n)):
            self.model.zero_grad()
            F.cross_entropy(self.model(xb), yb).backward()
            small.append(self.flat().clone())
        big = torch.stack(small).mean(0)
        b, B = len(x) / self.n, len(x)
        g2s, g2b = torch.stack([s.pow(2).sum() for s in small]).mean().item(), big.pow(2).sum().item()
        self.g = 0.9 * self.g + 0.1 * (B * g2b - b * g2s) / (B - b); self.s = 0.9 * self.s + 0.1 * (g2s - g2b) / (1 / b - 1 / B)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)); opt = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9); ns = NoiseScale(model)
for it in range(24):
    x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
    if it % ns.every == 0: ns.measure(x, y)
    F.cross_entropy(model(x), y).backward()
    opt.step()
    opt.zero_grad()
