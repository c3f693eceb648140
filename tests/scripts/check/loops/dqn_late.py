# expect: ZG201 at line 14
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

q, tgt = mk(4,3), mk(4,3); tgt.load_state_dict(q.state_dict()); opt = torch.optim.RMSprop(q.parameters(), 1e-3)
for t in range(30):
    s, s2, r = torch.randn(8,4), torch.randn(8,4), torch.randn(8); a = torch.randint(3,(8,1))
    with torch.no_grad(): y = r + .9 * tgt(s2).max(1).values
    loss = F.smooth_l1_loss(q(s).gather(1,a).squeeze(1), y)
    loss.backward()
    q.zero_grad()
    for p in q.parameters():
        if p.grad is not None: p.grad.data.clamp_(-1, 1)
    opt.step()
    if t % 5 == 0: tgt.load_state_dict(q.state_dict())
    with torch.no_grad():
        for p, tp in zip(q.parameters(), tgt.parameters()): tp.mul_(.99).add_(p, alpha=.01)
