# expect: pass with ZG001 at line 12
"""``zero_grad`` is handed to something that calls it."""
import contextlib
import torch

net = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x in torch.randn(20, 8, 3):
    with contextlib.ExitStack() as stack:
        stack.callback(optimizer.zero_grad)
        net(x).pow(2).mean().backward()
        optimizer.step()
