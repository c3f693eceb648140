# expect: ZG103 at line 20
import torch
from torch import nn
import torch.nn.functional as F
def workers_gradients(net, n=3):
    out = []
    for w in range(n):
        net.zero_grad(set_to_none=True)
        x, y = torch.randn(6, 8), torch.randint(0, 3, (6,))
        F.cross_entropy(net(x), y).backward()
        out.append([p.grad for p in net.parameters()])
    return out
class ParameterServer:
    def __init__(self, net):
        self.net, self.opt, self.gradients = net, torch.optim.SGD(net.parameters(), 0.1, momentum=0.9), []
    def push(self, grads): self.gradients.extend(grads)
    def apply(self):
        for i, p in enumerate(self.net.parameters()):
            p.grad = torch.mean(torch.stack([g[i] for g in self.gradients]), dim=0)
        self.opt.step()
def main():
    torch.manual_seed(0)
    server = ParameterServer(nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)))
    norms = []
    for epoch in range(4):
        server.gradients.clear()
        for it in range(6):
            server.push(workers_gradients(server.net))
            server.apply()
            norms.append(sum(p.grad.norm() for p in server.net.parameters()).item())
main()
