# expect: ZG301 at line 35
"""A Fisher information for each task, in a class; the training clears after each step."""
from copy import deepcopy
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
class EWC:
    def __init__(self, model, dataset):
        self.model, self.dataset = model, dataset
        self.params = {n: p for n, p in model.named_parameters() if p.requires_grad}
        self._means = {n: p.data.clone() for n, p in self.params.items()}
        self._precision = self._diag_fisher()
    def _diag_fisher(self):
        precision = {}
        for n, p in deepcopy(self.params).items():
            p.data.zero_()
            precision[n] = p.data
        self.model.eval()
        for x in self.dataset:
            self.model.zero_grad()
            out = self.model(x).view(1, -1)
            label = out.max(1)[1].view(-1)
            F.nll_loss(F.log_softmax(out, dim=1), label).backward()
            for n, p in self.model.named_parameters():
                precision[n].data += p.grad.data ** 2 / len(self.dataset)
        return {n: p for n, p in precision.items()}
    def penalty(self, model):
        return sum((self._precision[n] * (p - self._means[n]) ** 2).sum() for n, p in model.named_parameters())
def ewc_train(model, optimizer, loader, ewc, importance):
    model.train()
    for x, y in loader:
        loss = F.cross_entropy(model(x), y) + (importance * ewc.penalty(model) if ewc else 0)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), 0.05)
ewc = None
for task in range(4):
    loader = [(torch.rand(8, 6), torch.randint(0, 3, (8,))) for _ in range(5)]
    ewc_train(net, opt, loader, ewc, 10)
    ewc = EWC(net, [x[:1] for x, _ in loader])
