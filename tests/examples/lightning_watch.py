"""Lightning, which clears the gradients itself and accumulates two batches."""

import lightning
import torch
from torch.utils.data import DataLoader, TensorDataset

from zgtui.integrations.lightning import LightningWatch


class Regression(lightning.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.net = torch.nn.Linear(3, 1)

    def training_step(self, batch: list[torch.Tensor], _index: int) -> torch.Tensor:
        inputs, targets = batch
        return torch.nn.functional.mse_loss(self.net(inputs), targets)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=0.01)


loader = DataLoader(TensorDataset(torch.randn(48, 3), torch.randn(48, 1)), batch_size=4)
trainer = lightning.Trainer(
    callbacks=[LightningWatch()], max_epochs=12, accumulate_grad_batches=2, logger=False,
    accelerator="cpu", enable_checkpointing=False, enable_progress_bar=False,
)  # fmt: skip
trainer.fit(Regression(), loader)
