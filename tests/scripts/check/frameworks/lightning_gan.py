# expect: pass
"""A GAN in Lightning: two optimizers, toggled, in manual optimization."""

import lightning
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.utils.data import DataLoader, TensorDataset


class Gan(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.automatic_optimization = False
        self.generator = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
        self.critic = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))

    def training_step(self, batch, index):
        (real,) = batch
        ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
        making, judging = self.optimizers()

        self.toggle_optimizer(making)
        made = self.generator(torch.randn(len(real), 2))
        self.manual_backward(bce(self.critic(made), ones))
        making.step()
        making.zero_grad()
        self.untoggle_optimizer(making)

        self.toggle_optimizer(judging)
        loss = bce(self.critic(real), ones) + bce(self.critic(made.detach()), zeros)
        self.manual_backward(loss / 2)
        judging.step()
        judging.zero_grad()
        self.untoggle_optimizer(judging)

    def configure_optimizers(self):
        making = torch.optim.Adam(self.generator.parameters(), lr=0.001)
        return making, torch.optim.Adam(self.critic.parameters(), lr=0.001)


if __name__ == "__main__":
    data = TensorDataset(torch.randn(48, 3))
    trainer = lightning.Trainer(
        max_epochs=100, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )
    trainer.fit(Gan(), DataLoader(data, batch_size=4))
    print("trained to the end")
