# expect: ZG502 at line 12
"""Each loss is divided by the number of batches of the epoch, but a step applies four of them."""
import torch
torch.manual_seed(0)
net = torch.nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), 0.01)
data = list(torch.randn(12, 8, 4))
accumulate = 4
for _ in range(4):
    for i, batch in enumerate(data):
        loss = net(batch).pow(2).mean() / len(data)
        loss.backward()
        if (i + 1) % accumulate == 0:
            opt.step()
            opt.zero_grad()
