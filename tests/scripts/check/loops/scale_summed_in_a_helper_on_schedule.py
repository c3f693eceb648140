# expect: pass with ZG501 at line 10
"""The backward stands in a helper that the loop over micro-batches calls; the rate follows a schedule."""
import math
import torch
torch.manual_seed(0)
net = torch.nn.Linear(4, 1)
opt = torch.optim.AdamW(net.parameters(), 1e-3)
def micro_step(batch):
    loss = net(batch).pow(2).mean()
    loss.backward()
for turn in range(12):
    rate = 1e-3 * 0.5 * (1 + math.cos(math.pi * turn / 50))
    for group in opt.param_groups: group["lr"] = rate
    for _ in range(4):
        micro_step(torch.randn(8, 4))
    opt.step()
    opt.zero_grad()
