# expect: pass with ZG001 at line 19
"""Each worker's copy is cleared, and lends its gradients to the model that is shared."""
import torch

shared, local = torch.nn.Linear(3, 1), torch.nn.Linear(3, 1)
optimizer = torch.optim.RMSprop(shared.parameters(), lr=0.001)


def lend():
    for ours, theirs in zip(local.parameters(), shared.parameters()):
        theirs._grad = ours.grad


for x in torch.randn(20, 8, 3):
    local.load_state_dict(shared.state_dict())
    local.zero_grad()
    local(x).pow(2).mean().backward()
    lend()
    optimizer.step()
