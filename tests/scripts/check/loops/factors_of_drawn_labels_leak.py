# expect: ZG301 at line 53
"""K-FAC for a small MLP: factors from a sampled-label backward."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
class KFAC:
    def __init__(self, model, decay=0.9, damping=1e-2, every=5):
        self.model, self.decay, self.damping, self.every = model, decay, damping, every
        self.layers = [m for m in model.modules() if isinstance(m, nn.Linear)]
        self.A, self.G, self.inv = {}, {}, {}
        self.collect = False
        for m in self.layers:
            m.register_forward_pre_hook(self._save_a)
            m.register_full_backward_hook(self._save_g)
    def _save_a(self, m, inp):
        if self.collect:
            a = torch.cat([inp[0].detach(), torch.ones(len(inp[0]), 1)], 1)
            self._ema(self.A, m, a.t() @ a / len(a))
    def _save_g(self, m, gi, go):
        if self.collect:
            g = go[0].detach() * len(go[0])
            self._ema(self.G, m, g.t() @ g / len(g))
    def _ema(self, store, m, new):
        store[m] = new if m not in store else self.decay * store[m] + (1 - self.decay) * new
    def refresh(self, x):
        self.collect = True
        out = self.model(x)
        sampled = torch.multinomial(out.softmax(1).detach(), 1).squeeze(1)
        F.cross_entropy(out, sampled).backward()
        self.collect = False
        for m in self.layers:
            A, G = self.A[m], self.G[m]
            self.inv[m] = (torch.linalg.inv(A + self.damping * torch.eye(len(A))), torch.linalg.inv(G + self.damping * torch.eye(len(G))))
    @torch.no_grad()
    def precondition(self):
        for m in self.layers:
            Ai, Gi = self.inv[m]
            g = torch.cat([m.weight.grad, m.bias.grad[:, None]], 1)
            g = Gi @ g @ Ai
            m.weight.grad.copy_(g[:, :-1]); m.bias.grad.copy_(g[:, -1])
model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 4))
kfac = KFAC(model)
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
for step in range(30):
    x, y = torch.randn(32, 8), torch.randint(0, 4, (32,))
    opt.zero_grad()
    if step % kfac.every == 0:
        kfac.refresh(x)
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    kfac.precondition()
    opt.step()
