# expect: pass
"""One step of L-BFGS is the whole training."""
import torch

model = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
opt = torch.optim.LBFGS(model.parameters(), max_iter=400, line_search_fn="strong_wolfe")
x = torch.rand(50, 2)


def closure():
    opt.zero_grad()
    loss = (model(x) - x.sin().sum(1, keepdim=True)).pow(2).mean()
    loss.backward()
    return loss


opt.step(closure)
