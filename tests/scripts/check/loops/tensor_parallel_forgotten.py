# expect: ZG101 at line 17
"""A tensor-parallel network of distributed tensors, in one process."""
import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module

dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
plan = {"0": ColwiseParallel(), "2": RowwiseParallel()}
net = parallelize_module(net, init_device_mesh("cpu", (1,)), plan)
opt = torch.optim.AdamW(net.parameters(), lr=0.01)
for _ in range(12):
    net(torch.randn(4, 6)).sum().backward()
    opt.step()
dist.destroy_process_group()
