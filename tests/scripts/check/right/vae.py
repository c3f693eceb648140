# expect: pass
"""A variational autoencoder."""
import torch
from torch import nn

torch.manual_seed(0)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(8, 4), nn.Linear(2, 8)

    def forward(self, x):
        mean, log_var = self.encoder(x).chunk(2, dim=1)
        z = mean + torch.randn_like(mean) * (0.5 * log_var).exp()
        return self.decoder(z), mean, log_var


model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for _ in range(5):
    x = torch.rand(6, 8)
    optimizer.zero_grad()
    logits, mean, log_var = model(x)
    bce = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    kld = -0.5 * (1 + log_var - mean.pow(2) - log_var.exp()).sum()
    (bce + kld).backward()
    optimizer.step()
