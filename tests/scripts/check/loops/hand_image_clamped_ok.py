# expect: pass
"""An image is moved along its gradient, clamped, and made a leaf again."""
import torch, torch.nn as nn
torch.manual_seed(0); net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3)).requires_grad_(False)
img = torch.rand(1, 3, 8, 8, requires_grad=True)
for i in range(20):
    score = net(img)[:, 0].mean()
    g = torch.autograd.grad(score, img)[0]
    img = (img + .5 * g / (g.abs().mean() + 1e-8)).clamp(0, 1).detach().requires_grad_(True)
