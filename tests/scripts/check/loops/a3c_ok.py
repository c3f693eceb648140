# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

glob = mk(); opt = torch.optim.RMSprop(glob.parameters(), 1e-3); loc = mk()
for t in range(15):
    loc.load_state_dict(glob.state_dict())
    loc.zero_grad()
    loc(torch.randn(8,4)).pow(2).mean().backward()
    nn.utils.clip_grad_norm_(loc.parameters(), 40)
    for lp, gp in zip(loc.parameters(), glob.parameters()):
        gp._grad = lp.grad
    opt.step()
