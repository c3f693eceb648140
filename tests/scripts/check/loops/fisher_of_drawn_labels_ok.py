# expect: pass
"""Natural gradient with a diagonal empirical Fisher of sampled labels, refreshed each step."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 4))
opt = torch.optim.SGD(model.parameters(), lr=0.01)
fisher = [torch.zeros_like(p) for p in model.parameters()]
def update_fisher(logits, decay=0.95):
    sampled = torch.distributions.Categorical(logits=logits.detach()).sample()
    F.cross_entropy(logits, sampled).backward(retain_graph=True)
    for f, p in zip(fisher, model.parameters()):
        f.mul_(decay).add_(p.grad ** 2, alpha=1 - decay)
for step in range(30):
    x, y = torch.randn(32, 8), torch.randint(0, 4, (32,))
    opt.zero_grad()
    logits = model(x)
    update_fisher(logits)
    opt.zero_grad()
    F.cross_entropy(logits, y).backward()
    with torch.no_grad():
        for f, p in zip(fisher, model.parameters()):
            p.grad.div_(f.sqrt() + 1e-3)
    opt.step()
