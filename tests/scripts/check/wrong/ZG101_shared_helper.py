# expect: ZG101 at line 8
"""Two optimizers and a helper for backward and step, no clearing anywhere."""
import torch


def descend(loss, optimizer):
    loss.backward()
    optimizer.step()


actor, critic = torch.nn.Linear(3, 2), torch.nn.Linear(3, 1)
actor_opt = torch.optim.Adam(actor.parameters())
critic_opt = torch.optim.Adam(critic.parameters())
for _ in range(5):
    state = torch.randn(8, 3)
    descend(critic(state).pow(2).mean(), critic_opt)
    descend(-actor(state).log_softmax(1).mean(), actor_opt)
