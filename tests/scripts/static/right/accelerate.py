# expect: pass
"""The usual loop under accelerate: step and zero_grad() wait for the last micro-batch."""
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
        if accelerator.sync_gradients:
            accelerator.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
