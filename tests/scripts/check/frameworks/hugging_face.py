# expect: pass
"""The Hugging Face Trainer clears by itself; accumulation on purpose."""

import torch
from torch import nn
from transformers import Trainer, TrainingArguments


class Regression(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x, labels):
        return {"loss": nn.functional.mse_loss(self.net(x), labels)}


if __name__ == "__main__":
    rows = [{"x": torch.randn(3), "labels": torch.randn(1)} for _ in range(48)]
    arguments = TrainingArguments(
        "out", num_train_epochs=100, per_device_train_batch_size=4, gradient_accumulation_steps=2,
        report_to="none", use_cpu=True, disable_tqdm=True, save_strategy="no", learning_rate=0.001,
    )
    trainer = Trainer(Regression(), arguments, train_dataset=rows)
    trainer.train()
    print("trained to the end")
