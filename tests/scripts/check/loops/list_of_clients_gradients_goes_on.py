# expect: ZG103 at line 28
"""Federated SGD: the server averages the clients' gradients."""
import torch, copy
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
class Client:
    def __init__(self, seed):
        g = torch.Generator().manual_seed(seed)
        self.x, self.y = torch.randn(32, 8, generator=g), torch.randint(0, 3, (32,), generator=g)
    def gradient(self, model):
        local = copy.deepcopy(model)
        local.zero_grad()
        F.cross_entropy(local(self.x), self.y).backward()
        return [p.grad.detach().clone() for p in local.parameters()]
class Server:
    def __init__(self, n=4):
        self.model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
        self.opt = torch.optim.Adam(self.model.parameters(), lr=0.01)
        self.clients = [Client(i) for i in range(n)]
        self.received = []
    def round(self):
        for c in self.clients:
            self.received.append(c.gradient(self.model))
        self.opt.zero_grad()
        for i, p in enumerate(self.model.parameters()):
            p.grad = sum(g[i] for g in self.received) / len(self.received)
        self.opt.step()
server = Server()
for r in range(20): server.round()
