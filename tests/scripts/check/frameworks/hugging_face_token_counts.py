# expect: ZG503
"""A causal model with padding under the Trainer: its own mean, before its count of items, is kept."""

import torch
from torch import nn
from transformers import Trainer, TrainingArguments


class Language(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(11, 8)
        self.head = nn.Linear(8, 11)

    def forward(self, input_ids, labels):
        logits = self.head(self.embed(input_ids))
        return {"loss": nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())}


def row(number):
    labels = torch.randint(0, 11, (9,))
    labels[1 + number % 8 :] = -100
    return {"input_ids": torch.randint(0, 11, (9,)), "labels": labels}


if __name__ == "__main__":
    arguments = TrainingArguments(
        "out", num_train_epochs=100, per_device_train_batch_size=1, gradient_accumulation_steps=4,
        report_to="none", use_cpu=True, disable_tqdm=True, save_strategy="no", learning_rate=0.001,
    )
    trainer = Trainer(Language(), arguments, train_dataset=[row(n) for n in range(48)])
    trainer.train()
    print("trained to the end")
