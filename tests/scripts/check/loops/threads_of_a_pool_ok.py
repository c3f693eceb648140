# expect: pass
from concurrent.futures import ThreadPoolExecutor
import torch
from torch import nn
torch.manual_seed(0)

class Client:
    def __init__(self, seed):
        self.model = nn.Linear(8, 1)
        self.opt = torch.optim.SGD(self.model.parameters(), 1e-2)
        self.g = torch.Generator().manual_seed(seed)
    def fit(self, weights):
        self.model.load_state_dict(weights)
        for _ in range(3):
            x = torch.randn(64, 8, generator=self.g)
            self.opt.zero_grad()
            (self.model(x) - 1).pow(2).mean().backward()
            self.opt.step()
        return {k: v.clone() for k, v in self.model.state_dict().items()}

clients = [Client(i) for i in range(4)]
weights = nn.Linear(8, 1).state_dict()
with ThreadPoolExecutor(4) as pool:
    for _ in range(5):
        results = list(pool.map(lambda c: c.fit(weights), clients))
        weights = {k: sum(r[k] for r in results) / 4 for k in weights}
