# expect: pass with ZG501 at line 17
"""DistributedDataParallel with accumulation under no_sync(); each rank has its own data."""
import contextlib
import gc

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

dist.init_process_group("gloo")
torch.manual_seed(dist.get_rank())
model = DistributedDataParallel(torch.nn.Linear(3, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for i in range(10):
    last = i % 2 == 1
    with contextlib.nullcontext() if last else model.no_sync():
        model(torch.randn(6, 3)).pow(2).mean().backward()
    if last:
        optimizer.step()
        optimizer.zero_grad()
# A model that still holds the group keeps gloo's threads, which abort Python as it ends.
del model, optimizer
gc.collect()
dist.destroy_process_group()
