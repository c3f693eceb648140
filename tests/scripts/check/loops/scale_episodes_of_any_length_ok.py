# expect: pass
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
policy = nn.Linear(4, 2); opt = torch.optim.Adam(policy.parameters(), 1e-2)
for update in range(6):
    for episode in range(4):
        steps = int(torch.randint(3, 12, ()))
        logp = policy(torch.randn(steps, 4)).log_softmax(-1)[:, 0]
        loss = -(logp * torch.randn(steps)).mean() / 4
        loss.backward()
    opt.step(); opt.zero_grad()
