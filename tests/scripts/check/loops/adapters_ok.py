# expect: pass
"""LoRA finetune: frozen base, adapters, head; two param groups; warmup; unfreeze at epoch 2."""
import math, torch
from torch import nn
import torch.nn.functional as F
class LoRALinear(nn.Module):
    def __init__(self, base, r=2, alpha=4):
        super().__init__(); self.base = base
        for p in base.parameters(): p.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(r, base.in_features) / math.sqrt(base.in_features)); self.B = nn.Parameter(torch.zeros(base.out_features, r)); self.s = alpha / r
    def forward(self, x): return self.base(x) + self.s * (x @ self.A.T @ self.B.T)
class Model(nn.Module):
    def __init__(self): super().__init__(); self.f1, self.f2, self.head = nn.Linear(10, 16), nn.Linear(16, 16), nn.Linear(16, 3)
    def forward(self, x): return self.head(torch.relu(self.f2(torch.relu(self.f1(x)))))
torch.manual_seed(0)
model = Model()
for name in ("f1", "f2"): setattr(model, name, LoRALinear(getattr(model, name)))
adapters = [p for n, p in model.named_parameters() if n.endswith((".A", ".B"))]
opt = torch.optim.AdamW([{"params": adapters, "lr": 1e-2}, {"params": model.head.parameters(), "lr": 1e-3}])
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.99)
for epoch in range(4):
    if epoch == 2:
        for p in model.f2.base.parameters(): p.requires_grad_(True)
        opt.add_param_group({"params": model.f2.base.parameters(), "lr": 1e-4})
    for it in range(8):
        x, y = torch.randn(8, 10), torch.randint(0, 3, (8,))
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
