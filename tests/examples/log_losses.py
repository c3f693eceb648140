"""Two loops of your own, as the runs A and B of one log."""

import torch

import zgtui

x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])
for run, clears in (("A", True), ("B", False)):
    torch.manual_seed(42)
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(20):
        if clears:
            optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        zgtui.log(loss=loss, run=run)
