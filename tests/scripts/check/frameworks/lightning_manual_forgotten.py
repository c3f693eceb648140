# expect: ZG101 at line 20
"""Manual optimization in Lightning, where nothing clears unless the module does."""

import lightning
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Regression(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.automatic_optimization = False
        self.net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))

    def training_step(self, batch, index):
        x, y = batch
        optimizer = self.optimizers()
        self.manual_backward(nn.functional.mse_loss(self.net(x), y))
        optimizer.step()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.001)


if __name__ == "__main__":
    data = TensorDataset(torch.randn(48, 3), torch.randn(48, 1))
    trainer = lightning.Trainer(
        max_epochs=100, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )
    trainer.fit(Regression(), DataLoader(data, batch_size=4))
    print("trained to the end")
