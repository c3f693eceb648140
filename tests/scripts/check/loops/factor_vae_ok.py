# expect: pass
"""The discriminator is cleared right before its own backward."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
encoder, decoder = nn.Linear(8, 3), nn.Linear(3, 8)
judge = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
model_opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()])
judge_opt = torch.optim.Adam(judge.parameters())
joint, apart = torch.ones(8, dtype=torch.long), torch.zeros(8, dtype=torch.long)
for _ in range(12):
    x = torch.randn(8, 8)
    z = encoder(x)
    model_opt.zero_grad()
    (F.mse_loss(decoder(z), x) + 6 * (judge(z)[:, 0] - judge(z)[:, 1]).mean()).backward()
    model_opt.step()
    mixed = torch.stack([column[torch.randperm(8)] for column in z.detach().t()], 1)
    judge_opt.zero_grad()
    (F.cross_entropy(judge(z.detach()), apart) + F.cross_entropy(judge(mixed), joint)).backward()
    judge_opt.step()
