# expect: ZG101 at line 28
"""The Trainer clears by the model's zero_grad(), which this model has made its own."""

import torch
from torch import nn
from transformers import Trainer, TrainingArguments


class Regression(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x, labels):
        return {"loss": nn.functional.mse_loss(self.net(x), labels)}

    def zero_grad(self, set_to_none=True):
        """Keep them, to be looked at afterwards."""


if __name__ == "__main__":
    rows = [{"x": torch.randn(3), "labels": torch.randn(1)} for _ in range(48)]
    arguments = TrainingArguments(
        "out", num_train_epochs=100, per_device_train_batch_size=4,
        report_to="none", use_cpu=True, disable_tqdm=True, save_strategy="no", learning_rate=0.001,
    )
    trainer = Trainer(Regression(), arguments, train_dataset=rows)
    trainer.train()
    print("trained to the end")
