# expect: pass
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

teacher, student = mk(), mk(); opt = torch.optim.SGD(student.parameters(), .1); 
for it in range(10):
    x = torch.randn(8,4)
    t = teacher(x).detach()
    loss = F.kl_div(F.log_softmax(student(x)/2,1), F.softmax(t/2,1), reduction="batchmean")*4 + student(x).pow(2).mean()
    opt.zero_grad()
    loss.backward(); opt.step()
