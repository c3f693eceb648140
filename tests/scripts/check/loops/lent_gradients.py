# expect: ZG101 at line 13
"""The gradients are those of a copy, which nothing clears."""
import torch

mine, copy = torch.nn.Linear(3, 1), torch.nn.Linear(3, 1)
opt = torch.optim.SGD(mine.parameters(), lr=0.01)
for n in range(80):
    copy.load_state_dict(mine.state_dict())
    opt.zero_grad()
    copy(torch.ones(4, 3)).pow(2).mean().backward()
    for a, b in zip(mine.parameters(), copy.parameters()):
        a.grad = b.grad
    opt.step()
