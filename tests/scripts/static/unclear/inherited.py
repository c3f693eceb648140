# expect: pass with ZG001 at line 12
"""A method of a base class that is not in the file may clear."""
from mine import Trainer


class Mine(Trainer):
    def fit(self, loader):
        for x in loader:
            self.before_update()
            loss = self.model(x).mean()
            loss.backward()
            self.optimizer.step()
