# expect: pass
"""An optimizer for each parameter, that steps while the backward runs."""
import torch

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
optimizers = {p: torch.optim.SGD([p], lr=0.05) for p in model.parameters()}


def update(p):
    optimizers[p].step()
    optimizers[p].zero_grad()


for p in model.parameters():
    p.register_post_accumulate_grad_hook(update)
for _ in range(5):
    model(torch.randn(6, 3)).pow(2).mean().backward()
