# expect: ZG301 at line 23
"""WGAN-GP with n_critic in functions; wrong: G step uses D's leftover; G not detached; zero_grad of G forgot."""
import torch
from torch import nn, autograd
torch.manual_seed(0)
G = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2)); D = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
og, od = torch.optim.Adam(G.parameters(), 1e-4, betas=(0.5, 0.9)), torch.optim.Adam(D.parameters(), 1e-4, betas=(0.5, 0.9))
def gp(real, fake):
    e = torch.rand(len(real), 1); x = (e * real + (1 - e) * fake).requires_grad_(True)
    g, = autograd.grad(D(x).sum(), x, create_graph=True); return 10 * ((g.norm(2, 1) - 1) ** 2).mean()
one = torch.tensor(1.0); mone = -one
for it in range(14):
    for p in D.parameters(): p.requires_grad = True
    for _ in range(3):
        D.zero_grad()
        real = torch.randn(16, 2); D(real).mean().backward(mone)
        fake = G(torch.randn(16, 4))
        D(fake).mean().backward(one)
        gp(real, fake.detach()).backward()
        od.step()
    for p in D.parameters(): p.requires_grad = False
    D(G(torch.randn(16, 4))).mean().backward(mone)
    og.step()
    G.zero_grad()
