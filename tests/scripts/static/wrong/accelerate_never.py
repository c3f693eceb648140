# expect: ZG101 at line 13
"""accelerator.backward() and no clearing at all."""
from accelerate import Accelerator
import torch

accelerator = Accelerator()
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.AdamW(model.parameters())
model, optimizer = accelerator.prepare(model, optimizer)
for batch in torch.randn(64, 4, 3):
    loss = model(batch).pow(2).mean()
    accelerator.backward(loss)
    optimizer.step()
