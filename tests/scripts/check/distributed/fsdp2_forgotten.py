# expect: ZG101 at line 15
"""Fully sharded parameters that are never cleared."""
import gc

import torch
import torch.distributed as dist
from torch.distributed.fsdp import fully_shard

dist.init_process_group("gloo")
torch.manual_seed(dist.get_rank())
model = fully_shard(torch.nn.Linear(4, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for i in range(5):
    model(torch.randn(6, 4)).pow(2).mean().backward()
    optimizer.step()
# A model that still holds the group keeps gloo's threads, which abort Python as it ends.
del model, optimizer
gc.collect()
dist.destroy_process_group()
