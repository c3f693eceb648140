# expect: pass
"""One line makes an optimizer for each task; the last is used once."""
import copy
import torch
torch.manual_seed(0)
meta = torch.nn.Linear(3, 1)
for steps in (4, 5, 1):
    learner = copy.deepcopy(meta)
    inner = torch.optim.SGD(learner.parameters(), 0.1)
    for _ in range(steps):
        inner.zero_grad()
        learner(torch.randn(8, 3)).pow(2).mean().backward()
        inner.step()
    with torch.no_grad():
        for p, q in zip(meta.parameters(), learner.parameters()): p.lerp_(q, 0.1)
