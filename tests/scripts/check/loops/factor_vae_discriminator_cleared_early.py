# expect: ZG301 at line 33
"""The discriminator is cleared before the autoencoder's backward, whose loss goes through it."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(8, 6), nn.Linear(3, 8)

    def forward(self, x):
        mean, log_variance = self.encoder(x).chunk(2, 1)
        z = mean + torch.randn_like(mean) * (log_variance / 2).exp()
        return self.decoder(z), z


model, judge = Autoencoder(), nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
model_opt, judge_opt = torch.optim.Adam(model.parameters()), torch.optim.Adam(judge.parameters())
joint, apart = torch.ones(8, dtype=torch.long), torch.zeros(8, dtype=torch.long)
for _ in range(12):
    x = torch.randn(8, 8)
    again, z = model(x)
    judge_opt.zero_grad()
    model_opt.zero_grad()
    (F.mse_loss(again, x) + 6 * (judge(z)[:, 0] - judge(z)[:, 1]).mean()).backward()
    model_opt.step()
    mixed = torch.stack([column[torch.randperm(8)] for column in z.detach().t()], 1)
    (F.cross_entropy(judge(z.detach()), apart) + F.cross_entropy(judge(mixed), joint)).backward()
    judge_opt.step()
