# expect: ZG101 at line 12
"""All of a list are stepped, none is cleared."""
import torch

nets = [torch.nn.Linear(3, 1), torch.nn.Linear(3, 1)]
optimizers = [torch.optim.SGD(net.parameters(), lr=0.1) for net in nets]
for batch in torch.randn(10, 4, 3):
    loss = sum(net(batch).pow(2).mean() for net in nets)
    loss.backward()

    for optimizer in optimizers:
        optimizer.step()
