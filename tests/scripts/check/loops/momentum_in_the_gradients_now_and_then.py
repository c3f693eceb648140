# expect: ZG103 at line 24
"""An optimizer writes its momentum into the gradients, which are cleared at every third step."""
import torch, torch.nn as nn
def ns5(G, steps=5):
    a, b, c = 3.4445, -4.7750, 2.0315; X = G.bfloat16(); X = X / (X.norm() + 1e-7)
    T = G.size(0) > G.size(1)
    if T: X = X.T
    for _ in range(steps): A = X @ X.T; X = a * X + (b * A + c * A @ A) @ X
    return (X.T if T else X).to(G.dtype)
class Muon(torch.optim.Optimizer):
    def __init__(self, ps, lr=.02, momentum=.95): super().__init__(ps, dict(lr=lr, momentum=momentum))
    @torch.no_grad()
    def step(self):
        for g in self.param_groups:
            for p in g['params']:
                s = self.state[p]
                if 'buf' not in s: s['buf'] = torch.zeros_like(p.grad)
                s['buf'].lerp_(p.grad, 1 - g['momentum']); u = p.grad.lerp_(s['buf'], g['momentum'])
                p.add_(ns5(u), alpha=-g['lr'] * max(1, p.size(0) / p.size(1)) ** .5)
torch.manual_seed(0); m = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
o1 = Muon([p for p in m.parameters() if p.ndim == 2]); o2 = torch.optim.AdamW([p for p in m.parameters() if p.ndim < 2], 1e-3); opts = [o1, o2]
for i in range(20):
    nn.functional.cross_entropy(m(torch.randn(16, 6)), torch.randint(0, 3, (16,))).backward()
    for o in opts: o.step()
    if i % 3 == 2: m.zero_grad(set_to_none=True)
