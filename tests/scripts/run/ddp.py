"""Data parallel training; started by the launcher, or with --spawn by itself."""

import gc
import os
import sys

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn
from torch.nn.parallel import DistributedDataParallel

STEPS = int(os.environ.get("STEPS", "5"))


def train(rank, world, init=None):
    dist.init_process_group("gloo", init_method=init, rank=rank, world_size=world)
    torch.manual_seed(100 + rank)
    model = DistributedDataParallel(nn.Linear(3, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = torch.randn(8, 3), torch.randn(8, 1)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = (model(x) - y).pow(2).mean()
        loss.backward()
        optimizer.step()
        if rank == 0:
            print(f"loss={loss.item()!r}", flush=True)
    # Leaving while the other rank still talks, or with a model that still holds the group and so
    # keeps gloo's threads, can abort a process.
    dist.barrier()
    del model, optimizer, loss
    gc.collect()
    dist.destroy_process_group()


if __name__ == "__main__":
    if "--spawn" in sys.argv:
        mp.spawn(train, args=(2, f"file://{os.path.abspath('meeting')}"), nprocs=2)
    else:
        ranks = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        train(*ranks, os.environ.get("MEETING"))
