# expect: pass with ZG001 at line 12
"""What is imported is given the optimizer: it may clear, and it may not."""
import torch
from mine import after_backward

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x in torch.randn(20, 8, 3):
    loss = model(x).pow(2).mean()
    loss.backward()
    after_backward(optimizer)
    optimizer.step()
