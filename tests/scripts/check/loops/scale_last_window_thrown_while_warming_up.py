# expect: ZG504 at line 15
"""Windows grow from epoch to epoch, and what is left over at the end of each is cleared."""
import torch
torch.manual_seed(0)
net = torch.nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), 0.01)
batches, last = torch.randn(10, 8, 4), -1
for epoch in range(8):
    opt.zero_grad()
    for i, batch in enumerate(batches):
        count = i + len(batches) * epoch
        window = min(4, 1 + count // 6)
        (net(batch).pow(2).mean() / window).backward()
        if count - last >= window:
            opt.step()
            opt.zero_grad()
            last = count
