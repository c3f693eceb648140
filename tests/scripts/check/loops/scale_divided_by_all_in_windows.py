# expect: ZG502 at line 14
"""Each window of four is divided by the number of all batches."""
import itertools, torch, torch.nn as nn
torch.manual_seed(0); m = nn.Linear(5, 2); o = torch.optim.SGD(m.parameters(), .1)
batches = [(torch.randn(4, 5), torch.randint(0, 2, (4,))) for _ in range(24)]
def chunks(it, n):
    it = iter(it)
    while c := list(itertools.islice(it, n)): yield c
for ep in range(3):
    for micro in chunks(batches, 4):
        o.zero_grad()
        for x, y in micro:
            loss = nn.functional.cross_entropy(m(x), y) / len(batches)
            loss.backward()
        o.step()
