# expect: ZG202 at line 16
"""Inside accumulate() the wrapped optimizer waits; the model's own zero_grad() does not."""
from accelerate import Accelerator
import torch

accelerator = Accelerator(gradient_accumulation_steps=4)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.AdamW(model.parameters())
loader = torch.utils.data.DataLoader(torch.randn(64, 3))
model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
for batch in loader:
    with accelerator.accumulate(model):
        loss = model(batch).pow(2).mean()
        accelerator.backward(loss)
        optimizer.step()
        model.zero_grad()
