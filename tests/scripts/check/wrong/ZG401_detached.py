# expect: ZG401 at line 12
"""One of two optimizers has a body that is cut off by detach()."""
import torch

body, head = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)
body_opt = torch.optim.SGD(body.parameters(), lr=0.1)
head_opt = torch.optim.SGD(head.parameters(), lr=0.1)
for _ in range(5):
    body_opt.zero_grad()
    head_opt.zero_grad()
    head(body(torch.randn(6, 3)).detach()).pow(2).mean().backward()
    body_opt.step()
    head_opt.step()
