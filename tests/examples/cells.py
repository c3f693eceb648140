# %%
import torch

model = torch.nn.Linear(8, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
inputs = torch.randn(64, 8)
targets = inputs.sum(1, keepdim=True)

# %%
%load_ext zgtui

# %%
%%zgtui check
for _ in range(10):
    torch.nn.functional.mse_loss(model(inputs), targets).backward()
    optimizer.step()

# %%
%%zgtui compare --steps 40
for _ in range(100):
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(model(inputs), targets).backward()
    optimizer.step()
