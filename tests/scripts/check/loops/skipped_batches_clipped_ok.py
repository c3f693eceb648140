# expect: pass
"""Batches whose clipped norm was large are cleared and skipped: most of them."""
import torch, torch.nn as nn
torch.manual_seed(0); m = nn.Linear(4, 1); o = torch.optim.SGD(m.parameters(), .01)
for i in range(40):
    loss = m(torch.randn(4, 4)).pow(2).mean(); loss.backward()
    gn = nn.utils.clip_grad_norm_(m.parameters(), 1.)
    if gn > .8:
        o.zero_grad()
        continue
    o.step()
    o.zero_grad()
