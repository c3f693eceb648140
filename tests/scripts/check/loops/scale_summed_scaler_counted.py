# expect: pass with ZG501 at line 14
"""The index of the micro-batch is not used: its turns are alike."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 8), nn.GELU(), nn.Linear(8, 2))
opt, scaler = torch.optim.AdamW(net.parameters(), 1e-3), torch.amp.GradScaler("cpu")
for _ in range(8):
    for m in range(3):
        x, y = torch.randn(4, 6), torch.randint(0, 2, (4,))
        with torch.amp.autocast("cpu", dtype=torch.bfloat16): loss = F.cross_entropy(net(x), y)
        scaler.scale(loss).backward()
    scaler.unscale_(opt)
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    scaler.step(opt); scaler.update(); opt.zero_grad()
