# expect: ZG103 at line 10
"""After one step, what a skipped batch leaves has all others skipped."""
import torch, torch.nn as nn
torch.manual_seed(0); m = nn.Linear(4, 1); o = torch.optim.SGD(m.parameters(), .01)
for i in range(40):
    loss = m(torch.randn(4, 4)).pow(2).mean(); loss.backward()
    gn = nn.utils.clip_grad_norm_(m.parameters(), 1.)
    if gn > 1.2:
        continue
    o.step()
    o.zero_grad()
