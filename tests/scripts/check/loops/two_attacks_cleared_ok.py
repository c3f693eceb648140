# expect: pass
import argparse
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
class ConvNet(nn.Module):
    def __init__(self, classes=4):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Linear(4 * 4 * 4, classes)
    def forward(self, x):
        return self.head(self.features(x).flatten(1))
class AdversarialTrainer:
    def __init__(self, model, loader, cfg):
        self.model, self.loader, self.cfg = model, loader, cfg
        self.optimizer = torch.optim.SGD(model.parameters(), lr=cfg.lr, momentum=0.9)
    def train_step(self, x, y):
        self.optimizer.zero_grad()
        x_small = x.clone().requires_grad_(True)
        F.cross_entropy(self.model(x_small), y).backward()
        x_small = (x_small + self.cfg.eps / 2 * x_small.grad.sign()).clamp(0, 1).detach()
        x_big = x.clone().requires_grad_(True)
        F.cross_entropy(self.model(x_big), y).backward()
        x_big = (x_big + self.cfg.eps * x_big.grad.sign()).clamp(0, 1).detach()
        self.optimizer.zero_grad()
        logits = self.model(torch.cat([x, x_small, x_big]))
        loss = F.cross_entropy(logits, torch.cat([y, y, y]))
        loss.backward()
        self.optimizer.step()
        return loss.item()
    def fit(self):
        for epoch in range(self.cfg.epochs):
            losses = [self.train_step(x, y) for x, y in self.loader]
            print(epoch, sum(losses) / len(losses))
def main():
    p = argparse.ArgumentParser()
    p.add_argument("--eps", type=float, default=0.1)
    p.add_argument("--lr", type=float, default=0.05)
    p.add_argument("--epochs", type=int, default=3)
    cfg = p.parse_args()
    torch.manual_seed(0)
    data = TensorDataset(torch.rand(64, 1, 8, 8), torch.randint(0, 4, (64,)))
    AdversarialTrainer(ConvNet(), DataLoader(data, batch_size=8, shuffle=True), cfg).fit()
if __name__ == "__main__":
    main()
