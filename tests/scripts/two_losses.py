# expect: pass
"""Two losses through one graph, each with its own backward."""

import torch
from torch import nn

torch.manual_seed(5)
body, head_a, head_b = nn.Linear(4, 8), nn.Linear(8, 1), nn.Linear(8, 3)
parameters = [*body.parameters(), *head_a.parameters(), *head_b.parameters()]
optimizer = torch.optim.AdamW(parameters, lr=0.02)
x, y, c = torch.randn(16, 4), torch.randn(16, 1), torch.randint(3, (16,))
for step in range(6):
    features = torch.tanh(body(x))
    regression = nn.functional.mse_loss(head_a(features), y)
    classification = nn.functional.cross_entropy(head_b(features), c)
    optimizer.zero_grad(set_to_none=True)
    regression.backward(retain_graph=True)
    classification.backward()
    optimizer.step()
    print(f"loss={regression.item() + classification.item()!r}")
