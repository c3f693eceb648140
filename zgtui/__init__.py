"""zgtui: see, explain and catch what ``optimizer.zero_grad()`` does in PyTorch."""

__version__ = "0.1.0"
__all__ = ["__version__"]
