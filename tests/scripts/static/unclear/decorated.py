# expect: pass with ZG001 at line 19
"""The function that trains is wrapped in another, which clears before each call."""
import torch

net = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)


def cleared(function):
    def inner(*args):
        optimizer.zero_grad()
        return function(*args)

    return inner


@cleared
def train(x):
    net(x).pow(2).mean().backward(); optimizer.step()


for x in torch.randn(20, 8, 3):
    train(x)
