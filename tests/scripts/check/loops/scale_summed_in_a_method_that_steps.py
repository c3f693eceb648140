# expect: pass with ZG501 at line 20
"""Accumulating trainer, last window with remainder, leftovers leak to next epoch / wrong modulo / missing div."""
import argparse, torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
class Trainer:
    def __init__(self, args):
        torch.manual_seed(args.seed); self.args = args; self.model = nn.Sequential(nn.Linear(8, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 3))
        self.optim = torch.optim.SGD(self.model.parameters(), args.lr); self.crit = nn.CrossEntropyLoss(); self.step_no = 0
        self.loader = DataLoader(TensorDataset(torch.randn(88, 8), torch.randint(0, 3, (88,))), 8, shuffle=True, num_workers=0)
    def optimizer_step(self):
        nn.utils.clip_grad_norm_(self.model.parameters(), 5.0); self.optim.step(); self.step_no += 1
        self.optim.zero_grad()
    def train_epoch(self):
        self.model.train(); k = self.args.accum; n = len(self.loader)
        for i, (x, y) in enumerate(self.loader):
            loss = self.crit(self.model(x), y)
            size = k if i < n - n % k else n % k
            loss.backward()
            if (i + 1) % k == 0 or i == n - 1:
                self.optimizer_step()
def main():
    p = argparse.ArgumentParser(); p.add_argument("--accum", type=int, default=4); p.add_argument("--lr", type=float, default=0.1); p.add_argument("--seed", type=int, default=0)
    t = Trainer(p.parse_args())
    for _ in range(6): t.train_epoch()
if __name__ == "__main__": main()
