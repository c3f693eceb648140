# expect: pass
"""Every gradient is set to None by hand, through the optimizer's groups and through the model."""
import torch

model, other = torch.nn.Linear(3, 1), torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
plain = torch.optim.SGD(other.parameters(), lr=0.1)
for x in torch.randn(20, 8, 3):
    for group in optimizer.param_groups:
        for p in group["params"]:
            p.grad = None
    for p in other.parameters():
        if p.grad is not None:
            p.grad.detach_()
            p.grad.zero_()
    (model(x) + other(x)).pow(2).mean().backward()
    optimizer.step()
    plain.step()
