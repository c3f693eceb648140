"""Never waits for the GPU; tells how often it had to all the same, in a hundred later steps."""

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

torch.manual_seed(7)
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1)).cuda()
x, y = torch.randn(24, 6, device="cuda"), torch.randn(24, 1, device="cuda")
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)


def train(steps):
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()


train(300)
with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
    train(100)
counts = {event.key: event.count for event in seen.key_averages()}
print("launches:", sum(count for name, count in counts.items() if "Launch" in name))
print("waits:", sum(counts.get(f"cuda{what}Synchronize", 0) for what in ("Stream", "Device")))
