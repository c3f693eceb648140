# expect: pass
"""Two networks and one update helper, called from one line."""
import torch
from torch import nn
torch.manual_seed(0)
gen, dis = nn.Linear(3, 5), nn.Linear(5, 1)
og, od = torch.optim.Adam(gen.parameters(), 1e-3), torch.optim.Adam(dis.parameters(), 1e-3)
def update(opt, loss):
    opt.zero_grad(); loss.backward(); opt.step()
for _ in range(15):
    fake = gen(torch.randn(4, 3))
    for opt, loss in ((od, lambda: dis(fake.detach()).mean() - dis(torch.randn(4, 5)).mean()), (og, lambda: -dis(fake).mean())):
        update(opt, loss())
