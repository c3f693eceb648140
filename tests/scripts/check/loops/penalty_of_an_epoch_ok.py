# expect: pass
"""A penalty goes back before the loop over batches, cleared for, and counts with the first."""
import torch, torch.nn as nn
torch.manual_seed(0); net = nn.Linear(4, 1); opt = torch.optim.SGD(net.parameters(), .05)
# a regulariser each epoch counts once, with its first batch: computed before the inner loop, on purpose
def kl(): return 1e-2 * net.weight.pow(2).sum()
for ep in range(6):
    opt.zero_grad(); kl().backward()
    for i, x in enumerate(torch.randn(5, 8, 4)):
        if i: opt.zero_grad()
        net(x).pow(2).mean().backward(); opt.step()
