# expect: pass
"""A test looks at one step; nothing runs again."""
import torch


class TestStep:
    def setup_method(self):
        self.model = torch.nn.Linear(3, 1)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)

    def test_one_step_moves_the_weights(self):
        before = self.model.weight.clone()
        self.model(torch.ones(3)).sum().backward()
        self.optimizer.step()
        assert not torch.equal(before, self.model.weight)
