"""The Hugging Face Trainer, which saves a checkpoint at its end."""

import torch
from torch import nn
from transformers import Trainer, TrainerCallback, TrainingArguments, set_seed


class Regression(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
        self.losses = []

    def forward(self, x, labels):
        loss = nn.functional.mse_loss(self.net(x), labels)
        self.losses.append(loss.item())
        return {"loss": loss}


class Tell(TrainerCallback):
    def on_optimizer_step(self, args, state, control, model=None, **kwargs):
        print(f"loss={model.losses.pop()!r}", flush=True)


if __name__ == "__main__":
    set_seed(32)
    rows = [{"x": torch.randn(3), "labels": torch.randn(1)} for _ in range(24)]
    arguments = TrainingArguments(
        "out", num_train_epochs=1, per_device_train_batch_size=4, report_to="none",
        use_cpu=True, disable_tqdm=True, seed=32, save_strategy="steps", save_steps=6,
    )
    Trainer(Regression(), arguments, train_dataset=rows, callbacks=[Tell()]).train()
