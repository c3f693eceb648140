# expect: pass
"""WGAN: all networks are cleared in the critic's loop, which steps the critic alone."""
import torch
from torch import nn

G, D = nn.Linear(2, 2), nn.Linear(2, 1)
G_solver = torch.optim.RMSprop(G.parameters(), lr=1e-4)
D_solver = torch.optim.RMSprop(D.parameters(), lr=1e-4)


def reset_grad():
    G.zero_grad()
    D.zero_grad()


for _ in range(100):
    for _ in range(5):
        loss = D(G(torch.randn(8, 2))).mean() - D(torch.randn(8, 2)).mean()
        loss.backward()
        D_solver.step()
        reset_grad()
    (-D(G(torch.randn(8, 2))).mean()).backward()
    G_solver.step()
    reset_grad()
