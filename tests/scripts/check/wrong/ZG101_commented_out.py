# expect: ZG101 at line 14
"""The clearing was commented out while debugging."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.AdamW(model.parameters())


def train_step(x, y):
    # optimizer.zero_grad()
    loss = (model(x) - y).abs().mean()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


for _ in range(5):
    train_step(torch.randn(6, 3), torch.randn(6, 1))
