# expect: pass
"""Only batches of a small norm are applied; all are clipped and cleared."""
import torch, torch.nn as nn
torch.manual_seed(0); m = nn.Linear(4, 1); o = torch.optim.SGD(m.parameters(), .01)
for i in range(60):
    x = torch.randn(4, 4) * (10 if i % 5 > 1 else 1); loss = m(x).pow(2).mean(); loss.backward()
    gn = nn.utils.clip_grad_norm_(m.parameters(), 10.)
    if gn < 5:
        o.step()
    o.zero_grad(set_to_none=True)
