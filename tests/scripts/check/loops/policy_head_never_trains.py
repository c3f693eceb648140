# expect: ZG203 at line 13
"""Two losses of two heads over one body, with a clearing between their backwards."""
import torch
from torch import nn
torch.manual_seed(0)
body, policy, value = nn.Linear(4, 8), nn.Linear(8, 2), nn.Linear(8, 1)
opt = torch.optim.RMSprop([*body.parameters(), *policy.parameters(), *value.parameters()], 1e-3)
for _ in range(12):
    returns, hidden = torch.randn(6), body(torch.randn(6, 4)).relu()
    dist, guess = torch.distributions.Categorical(logits=policy(hidden)), value(hidden)[:, 0]
    opt.zero_grad()
    (-(dist.log_prob(dist.sample()) * (returns - guess).detach()).mean()).backward(retain_graph=True)
    opt.zero_grad()
    (returns - guess).pow(2).mean().backward()
    opt.step()
