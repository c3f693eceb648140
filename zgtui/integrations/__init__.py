"""``zgtui.watch`` inside Lightning, transformers, accelerate and loops of your own.

Each is a module that imports its framework alone. All of them watch the first steps of a training,
tell once what was found, and cost nothing after that.
"""

from zgtui.integrations.first_steps import GradientWarning

__all__ = ["GradientWarning"]
