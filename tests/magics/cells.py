"""Cells of notebooks: those of the reference, and one that trains."""

from __future__ import annotations

from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "examples" / "cells.py"
CELLS = [cell.strip("\n") for cell in EXAMPLE.read_text("utf-8").split("# %%\n") if cell]
TRAINS = (
    "for _ in range(9):\n    optimizer.zero_grad()\n"
    "    torch.nn.functional.mse_loss(model(inputs), targets).backward()\n    optimizer.step()"
)
