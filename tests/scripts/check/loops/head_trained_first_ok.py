# expect: pass
"""The head is trained alone by an optimizer of its own; that of everything has its turn later."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
body, head = nn.Sequential(nn.Linear(6, 8), nn.ReLU()), nn.Linear(8, 3)
opt_head = torch.optim.Adam(head.parameters(), 1e-3)
opt = torch.optim.Adam([*body.parameters(), *head.parameters()], 1e-4)
for step in range(20):
    selected = opt if step > 500 else opt_head
    loss = F.cross_entropy(head(body(torch.randn(8, 6))), torch.randint(0, 3, (8,)))
    selected.zero_grad(); loss.backward(); selected.step()
