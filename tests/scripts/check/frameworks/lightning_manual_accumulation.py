# expect: pass
"""Lightning's manual optimization, where nobody but the step divides."""

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
        self.manual_backward(nn.functional.mse_loss(self.net(x), y) / 4)
        if (index + 1) % 4 == 0:
            optimizer = self.optimizers()
            optimizer.step()
            optimizer.zero_grad()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.01)


if __name__ == "__main__":
    data = TensorDataset(torch.randn(48, 3), torch.randn(48, 1))
    trainer = lightning.Trainer(
        max_epochs=100, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )
    trainer.fit(Regression(), DataLoader(data, batch_size=4))
    print("trained to the end")
