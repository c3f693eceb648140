# expect: ZG202 at line 10
"""Each task of a meta step clears what those before it have added; its own inner step is apart."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters())
for batch in torch.randn(16, 4, 8, 3):
    for task in batch:
        weights = dict(model.named_parameters())
        optimizer.zero_grad()
        loss = torch.func.functional_call(model, weights, (task,)).pow(2).mean()
        grads = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        weights = {name: weight - 0.1 * grad for (name, weight), grad in zip(weights.items(), grads)}
        torch.func.functional_call(model, weights, (task,)).pow(2).mean().backward()
    optimizer.step()
