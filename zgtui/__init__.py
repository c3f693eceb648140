"""zgtui: see, explain and catch what ``optimizer.zero_grad()`` does in PyTorch."""

from importlib.metadata import version

__version__ = version("zgtui")
__all__ = ["__version__"]
