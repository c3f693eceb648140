# expect: pass
"""Two optimizers share one backward; one of them steps every second time on its sum."""
import torch

body, head = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)
slow, fast = torch.optim.SGD(body.parameters(), lr=0.1), torch.optim.Adam(head.parameters())
for i in range(8):
    head(body(torch.randn(6, 3)).relu()).pow(2).mean().backward()
    fast.step()
    fast.zero_grad()
    if i % 2:
        slow.step()
        slow.zero_grad()
