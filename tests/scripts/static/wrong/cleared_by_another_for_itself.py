# expect: ZG101 at line 19
"""One function is handed on, and clears the optimizer that it makes; the other never clears."""
import threading
import torch


def first(net, data):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x in data:
        optimizer.zero_grad()
        net(x).pow(2).mean().backward()
        optimizer.step()


def second(net, data):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x in data:
        net(x).pow(2).mean().backward()
        optimizer.step()


for train in (first, second):
    threading.Thread(target=train, args=(torch.nn.Linear(3, 1), torch.randn(20, 8, 3))).start()
