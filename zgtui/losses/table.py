"""Loss tables, in one place: what can be written, where, and how it is read back.

Tidy tables (the default) have one row per run and step, ``run,step,epoch,loss,lr,zero_grad`` and
the diagnostics that were sampled; wide ones one row per step, ``step,epoch,loss_a,loss_b``. Epochs
are counted from 1. ``zero_grad`` tells whether gradients were cleared before that step's backward.
Losses stand as Python's repr, so that they come back bit for bit (Markdown alone rounds).
"""

from zgtui.losses.destination import check_destination, sidecar_path
from zgtui.losses.export import export
from zgtui.losses.formats import FORMATS, format_of
from zgtui.losses.growing import GrowingTable
from zgtui.losses.reading import Series, Table, read_table

__all__ = [
    "FORMATS",
    "GrowingTable",
    "Series",
    "Table",
    "check_destination",
    "export",
    "format_of",
    "read_table",
    "sidecar_path",
]
