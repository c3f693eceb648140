# expect: pass with ZG001 at line 10
"""A hook, a decorator or a callback may clear: here each does, where no line of the loop calls it."""
import torch

net = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
optimizer.register_step_post_hook(lambda one, args, kwargs: one.zero_grad())
for x in torch.randn(20, 8, 3):
    net(x).pow(2).mean().backward()
    optimizer.step()
