# expect: ZG101 at line 9
"""A new optimizer each epoch holds the same parameters, with the same gradients."""
import torch

model = torch.nn.Linear(3, 1)
for epoch in range(5):
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch in torch.randn(4, 6, 3):
        model(batch).mean().backward(); opt.step()
