"""The Hugging Face Trainer, which clears the gradients itself and accumulates two batches."""

import torch
from transformers import Trainer, TrainingArguments

from zgtui.integrations.transformers import TransformersWatch


class Regression(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = torch.nn.Linear(3, 1)

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"loss": torch.nn.functional.mse_loss(self.net(x), labels)}


rows = [{"x": torch.randn(3), "labels": torch.randn(1)} for _ in range(48)]
arguments = TrainingArguments(
    "out", num_train_epochs=12, per_device_train_batch_size=4, gradient_accumulation_steps=2,
    report_to="none", use_cpu=True, disable_tqdm=True, save_strategy="no",
)  # fmt: skip
Trainer(Regression(), arguments, train_dataset=rows, callbacks=[TransformersWatch()]).train()
