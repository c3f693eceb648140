# expect: pass
"""An engine's own backward() and step() clear by themselves."""
import deepspeed
import torch

model = torch.nn.Linear(3, 1)
engine, optimizer, _, _ = deepspeed.initialize(model=model, config={"train_batch_size": 8})
for batch in torch.randn(20, 8, 3):
    loss = engine(batch).pow(2).mean()
    engine.backward(loss)
    engine.step()
