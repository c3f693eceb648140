# expect: pass
"""A DataLoader with spawned workers and random augmentation."""

import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Noisy(Dataset):
    def __len__(self):
        return 24

    def __getitem__(self, index):
        x = torch.full((3,), index / 24) + 0.1 * torch.randn(3)
        return x * random.uniform(0.9, 1.1), x.sum()


if __name__ == "__main__":
    torch.manual_seed(12)
    random.seed(12)
    loader = DataLoader(
        Noisy(), batch_size=6, shuffle=True, num_workers=1, multiprocessing_context="spawn"
    )
    model = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(1):
        for x, y in loader:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x).squeeze(1), y)
            loss.backward()
            optimizer.step()
            print(f"loss={loss.item()!r}")
