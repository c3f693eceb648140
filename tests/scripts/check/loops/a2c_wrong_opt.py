# expect: ZG101 at line 19
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

actor, critic = mk(4,2), mk(4,1)
oa, oc = torch.optim.Adam(actor.parameters(), 1e-3), torch.optim.Adam(critic.parameters(), 1e-3)
for ep in range(12):
    s = torch.randn(16, 4); r = torch.randn(16)
    d = torch.distributions.Categorical(logits=actor(s)); a = d.sample()
    v = critic(s).squeeze(-1); adv = r - v.detach()
    oa.zero_grad()
    (-(d.log_prob(a) * adv).mean()).backward()
    oa.step()
    oa.zero_grad()
    F.mse_loss(v, r).backward()
    oc.step()
