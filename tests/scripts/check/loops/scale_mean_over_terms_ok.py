# expect: pass
"""A mean over three terms, divided by the number of micro-batches as well."""
import torch
torch.manual_seed(0)
net = torch.nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), 0.01)
accumulate = 4
for i in range(32):
    out = net(torch.randn(8, 4))
    loss = out[:, 0].pow(2).mean() + out[:, 1].pow(2).mean() + out[:, 2].pow(2).mean()
    loss = loss / 3
    loss = loss / accumulate
    loss.backward()
    if i % accumulate == accumulate - 1:
        opt.step()
        opt.zero_grad()
