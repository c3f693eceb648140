# expect: pass
"""A loop over phases, one of them now and then, before each step."""
import torch, torch.nn as nn
torch.manual_seed(0); D = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)); od = torch.optim.Adam(D.parameters())
sp = nn.functional.softplus
for i in range(24):
    od.zero_grad(set_to_none=True)
    for phase in (['reg', 'main'] if i % 4 == 0 else ['main']):
        r = torch.randn(8, 2, requires_grad=True); s = D(r)
        if phase == 'main': (sp(-s) + sp(D(torch.randn(8, 2)))).mean().backward()
        else: g, = torch.autograd.grad(s.sum(), r, create_graph=True); (g.pow(2).sum(1).mean() * 4).backward()
    od.step()
