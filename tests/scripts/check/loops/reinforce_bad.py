# expect: ZG202 at line 13
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

pi = mk(4,2); opt = torch.optim.Adam(pi.parameters(), 1e-2)
for ep in range(8):
    logs, rs = [], []
    for t in range(5):
        d = torch.distributions.Categorical(logits=pi(torch.randn(4))); a = d.sample(); logs.append(d.log_prob(a)); rs.append(float(a))
    for l, r in zip(logs, rs):
        opt.zero_grad(); (-l * r).backward()
    opt.step()
