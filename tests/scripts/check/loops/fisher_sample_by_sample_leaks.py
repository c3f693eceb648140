# expect: ZG301 at line 25
"""The Fisher information sample by sample, once an epoch: the last sample's gradient is stepped with."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Linear(6, 3)
opt = torch.optim.SGD(net.parameters(), 0.05)
def diag_fisher(x):
    out = []
    for i in range(len(x)):
        opt.zero_grad()
        logp = F.log_softmax(net(x[i:i + 1]), 1)
        label = logp.detach().exp().multinomial(1).squeeze(1)
        F.nll_loss(logp, label).backward()
        out.append([p.grad.clone().pow_(2) for p in net.parameters()])
    return [torch.stack(one).mean(0) for one in zip(*out)]
data = [(torch.rand(8, 6), torch.randint(0, 3, (8,))) for _ in range(4)]
history = []
for epoch in range(6):
    history.append(diag_fisher(data[0][0]))
    for x, y in data:
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
        opt.zero_grad()
