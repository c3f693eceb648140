"""Lightning, with gradient accumulation and clipping."""

import warnings

import lightning
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

warnings.simplefilter("ignore")


class Regression(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
        self.losses = []

    def training_step(self, batch, index):
        x, y = batch
        loss = nn.functional.mse_loss(self.net(x), y)
        self.losses.append(loss.item())
        return loss

    def on_before_optimizer_step(self, optimizer):
        # Lightning divides each of the two losses before their backward.
        print(f"loss={sum(loss / 2 for loss in self.losses)!r}", flush=True)
        self.losses.clear()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.05)


if __name__ == "__main__":
    lightning.seed_everything(31)
    data = TensorDataset(torch.randn(48, 3), torch.randn(48, 1))
    trainer = lightning.Trainer(
        max_epochs=1, accumulate_grad_batches=2, gradient_clip_val=0.5, accelerator="cpu",
        logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(Regression(), DataLoader(data, batch_size=4))
