# expect: pass
"""A long recurrence goes back part by part: gradients of states are handed from one to the next."""
import torch
from torch import nn
torch.manual_seed(0)
cell, out = nn.GRUCell(4, 8), nn.Linear(8, 1)
opt = torch.optim.Adam([*cell.parameters(), *out.parameters()], 1e-3)
def last_part(state):
    out(state).pow(2).mean().backward()
def earlier_parts(states):
    for whole, cut in reversed(states):
        whole.backward(cut.grad)
for _ in range(12):
    state, states = torch.zeros(3, 8), []
    for x in torch.randn(4, 3, 4):
        whole = cell(x, state)
        state = whole.detach().requires_grad_()
        states.append((whole, state))
    opt.zero_grad()
    last_part(state)
    earlier_parts(states)
    opt.step()
