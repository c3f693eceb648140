# expect: pass
"""Three losses a step, one of them only now and then."""
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for i in range(6):
    optimizer.zero_grad()
    out = model(torch.randn(6, 3))
    out[:, 0].pow(2).mean().backward(retain_graph=True)
    out[:, 1].abs().mean().backward(retain_graph=True)
    if i % 3 == 0:
        (0.01 * out.pow(2).sum()).backward()
    optimizer.step()
