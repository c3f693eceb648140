"""A comparison as a script of plain PyTorch that gives the same losses. Nothing here needs torch.

The script holds the experiment's own source, and a loop that does what this project's does: to
the last bit on the same machine; on a GPU as far as its kernels round alike.
"""

from __future__ import annotations

from zgtui.reproduce.script import reproduce

__all__ = ["reproduce"]
