# expect: ZG101 at line 14
"""A trainer class that never clears."""
import torch


class Trainer:
    def __init__(self):
        self.model = torch.nn.GRU(3, 4, batch_first=True)
        self.optimizer = torch.optim.RMSprop(self.model.parameters(), lr=0.01)

    def update(self, batch):
        out, _ = self.model(batch)
        out.pow(2).mean().backward()
        self.optimizer.step()


trainer = Trainer()
for _ in range(5):
    trainer.update(torch.randn(4, 5, 3))
