# expect: ZG101 at line 14
"""Several critic steps for each generator step; the critic is cleared before them all, once."""
import torch


def make_trainer(G, D, config):
    D.optim = torch.optim.Adam(D.parameters())

    def train(x):
        D.optim.zero_grad()
        for _ in range(config["critic_steps"]):
            (D(G(torch.randn(4, 8)).detach()).mean() - D(x).mean()).backward()

            D.optim.step()

    return train
