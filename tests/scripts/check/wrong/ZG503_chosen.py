# expect: ZG503 at line 12
"""The mean over the targets that a mask chooses, alike for masks of any size."""
import torch
from torch.nn import functional as F

torch.manual_seed(0)
model = torch.nn.Linear(4, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for i in range(24):
    x, y, mask = torch.randn(16, 4), torch.randint(3, (16,)), torch.arange(16) < 4 + 4 * (i % 3)
    loss = F.cross_entropy(model(x), y, reduction="none")[mask].mean()
    (loss / 4).backward()
    if (i + 1) % 4 == 0:
        optimizer.step()
        optimizer.zero_grad()
