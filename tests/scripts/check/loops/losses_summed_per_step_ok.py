# expect: pass
"""Sums of losses are begun anew for each step; what is logged is cut off; one loss serves two."""
import torch
from torch import nn
torch.manual_seed(0)
def mlp(i, o): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
body, head = mlp(4, 8), mlp(8, 2)
opt_b, opt_h = torch.optim.SGD(body.parameters(), 0.01), torch.optim.SGD(head.parameters(), 0.01)
logged = 0
for step in range(12):
    losses = {}
    for name in ("first", "second"):
        losses[name] = losses.get(name, 0) + head(body(torch.randn(8, 4))).pow(2).mean()
    total = sum(losses.values()); logged += total.detach()
    opt_b.zero_grad(); opt_h.zero_grad()
    total.backward(retain_graph=True)
    (0.1 * losses["first"]).backward()
    opt_b.step(); opt_h.step()
