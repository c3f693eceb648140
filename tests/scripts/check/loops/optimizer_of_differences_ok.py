# expect: pass
"""The optimizer adds the gradient's change since the last step to the gradient itself."""
import torch
from torch import nn
torch.manual_seed(0)
class Difference(torch.optim.Optimizer):
    def __init__(self, params, lr): super().__init__(params, {"lr": lr})
    @torch.no_grad()
    def step(self):
        for p in self.param_groups[0]["params"]:
            change = self.state[p].setdefault("before", -p.grad).add_(p.grad)
            change.add_(p.grad)
            p.add_(change, alpha=-self.param_groups[0]["lr"])
            self.state[p]["before"] = -p.grad
net = nn.Linear(4, 2); opt = Difference(net.parameters(), 0.01)
for _ in range(12):
    opt.zero_grad(); net(torch.randn(8, 4)).pow(2).mean().backward(); opt.step()
