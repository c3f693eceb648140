# expect: ZG503
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
class LM(nn.Module):
    def __init__(self):
        super().__init__(); self.emb = nn.Embedding(11, 8); self.out = nn.Linear(8, 11)
    def forward(self, ids, labels):
        logits = self.out(self.emb(ids))
        return F.cross_entropy(logits[:, :-1].reshape(-1, 11), labels[:, 1:].reshape(-1))
model = LM(); opt = torch.optim.AdamW(model.parameters(), 1e-3)
for i in range(24):
    ids = torch.randint(0, 11, (2, 12)); labels = ids.clone(); labels[:, 2 + int(torch.randint(9, ())):] = -100
    loss = model(ids, labels) / 4
    loss.backward()
    if (i + 1) % 4 == 0:
        nn.utils.clip_grad_norm_(model.parameters(), 1.0); opt.step(); opt.zero_grad()
