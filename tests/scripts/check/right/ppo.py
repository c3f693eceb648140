# expect: pass
"""PPO: several epochs over minibatches of one rollout, clipped ratios, an entropy bonus."""
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
actor, critic = nn.Linear(4, 2), nn.Linear(4, 1)
optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=3e-4, eps=1e-5)
for update in range(2):
    states = torch.randn(16, 4)
    with torch.no_grad():
        policy = Categorical(logits=actor(states))
        actions = policy.sample()
        old, values = policy.log_prob(actions), critic(states).squeeze(1)
    returns = torch.randn(16)
    advantages = returns - values
    for epoch in range(2):
        for idx in torch.randperm(16).split(8):
            policy = Categorical(logits=actor(states[idx]))
            ratio = (policy.log_prob(actions[idx]) - old[idx]).exp()
            clipped = ratio.clamp(0.8, 1.2)
            gain = torch.min(ratio * advantages[idx], clipped * advantages[idx]).mean()
            value_loss = (critic(states[idx]).squeeze(1) - returns[idx]).pow(2).mean()
            loss = -gain + 0.5 * value_loss - 0.01 * policy.entropy().mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*actor.parameters(), *critic.parameters()], 0.5)
            optimizer.step()
