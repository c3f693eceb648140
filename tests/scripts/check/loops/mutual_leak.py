# expect: ZG301 at line 10
"""Two optimizers, each cleared after its own step; each also applies the other's loss."""
import torch

front, back = torch.nn.Linear(4, 4), torch.nn.Linear(4, 1)
opt_front = torch.optim.SGD(front.parameters(), lr=0.01)
opt_back = torch.optim.SGD(back.parameters(), lr=0.01)
for n in range(80):
    back(front(torch.randn(8, 4))).pow(2).mean().backward()
    opt_back.step()
    opt_back.zero_grad()
    back(front(torch.randn(8, 4))).abs().mean().backward()
    opt_front.step()
    opt_front.zero_grad()
