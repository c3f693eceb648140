# expect: pass
"""Saves checkpoints in the ways people do, reads them back, and writes a log of its own."""

import json
import os
import shutil

import torch
from torch import nn

torch.manual_seed(28)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(12, 2), torch.randn(12, 1)
for i in range(4):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(f"loss={loss.item()!r}")
    torch.save({"step": i, "model": model.state_dict()}, "checkpoint.tmp")
    os.replace("checkpoint.tmp", "checkpoint.bin")
    os.makedirs("best", exist_ok=True)
    shutil.copyfile("checkpoint.bin", "best/model_best.bin")
    with open("weights.pt", "wb") as file:
        torch.save(model.state_dict(), file)
assert os.path.exists("checkpoint.bin") and not os.path.exists("checkpoint.tmp")
assert torch.load("best/model_best.bin")["step"] == 3
model.load_state_dict(torch.load("weights.pt"))
with open("metrics.json", "w") as file:
    json.dump({"loss": loss.item()}, file)
