"""What can be trained: functions that return an `Experiment`, and the dict that names them.

A new experiment is one function, in one of the files or a new one, and one entry in EXPERIMENTS.
That dict costs no torch, so that lists and pickers can be shown before PyTorch is imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from zgtui.errors import UsageError, need_extra, suggest
from zgtui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from zgtui.experiments.experiment import Experiment


@dataclass(frozen=True)
class Listing:
    """One line about an experiment and where to find it (``module:function``).

    ``description`` says more, in a sentence or two. ``sizes``: what its function takes as
    ``size``, the default first; empty where it comes in one size. ``needs``: a package that must
    be installed for it, and the extra of this project that installs it.
    """

    summary: str
    description: str
    target: str
    sizes: tuple[str, ...] = ()
    needs: tuple[str, str] | None = None


EXPERIMENTS: dict[str, Listing] = {
    "article": Listing(
        "one linear layer, one sample, SGD lr 0.1, 20 epochs; equal weights",
        "The smallest loop that shows the bug: without zero_grad() the loss oscillates for ever.",
        "zgtui.experiments.linear:article",
    ),
    "article-exact": Listing(
        "the same, but each run draws its own initial weights",
        "The article's own numbers; the two curves differ from the first step on.",
        "zgtui.experiments.linear:article_exact",
    ),
    "regression": Listing(
        "linear regression on 10 samples of noise, SGD lr 0.1, 100 epochs",
        "With zero_grad() the loss falls to the least-squares optimum, which is above 0, and stays"
        " there; without, it oscillates above that for ever.",
        "zgtui.experiments.linear:regression",
    ),
    "regression-trap": Listing(
        "the same, SGD lr 0.01, 300 epochs: a small learning rate hides the bug",
        "The run without zero_grad() is ahead after 5 epochs and behind after 300:"
        " if you stop early, you take the bug for an improvement.",
        "zgtui.experiments.linear:regression_trap",
    ),
    "spirals": Listing(
        "three spirals, an MLP of 64-64 units, SGD lr 0.1, 1000 minibatches",
        "With zero_grad() the accuracy is about 99 %; without, it stays near chance, 33 %,"
        " and the loss does not fall.",
        "zgtui.experiments.planes:spirals",
    ),
    "moons": Listing(
        "two half-moons, an MLP of 32-32 units, SGD lr 0.3, 600 minibatches",
        "With zero_grad() the accuracy is above 99 %; without, it stays between chance,"
        " 50 %, and some 70 %.",
        "zgtui.experiments.planes:moons",
    ),
    "digits": Listing(
        "handwritten digits 8×8, an MLP of 64 units, SGD lr 0.3, 400 steps",
        "With zero_grad() the accuracy is about 96 %; without, it is below 50 %.",
        "zgtui.experiments.digits:digits",
        needs=("sklearn", "digits"),
    ),
    "digits-cnn": Listing(
        "the same digits, a convolutional network with BatchNorm, Adam, 250 steps",
        "With zero_grad() the accuracy is about 98 %; without, 60 to 80 %:"
        " Adam and BatchNorm soften the damage but do not prevent it.",
        "zgtui.experiments.digits:digits_cnn",
        needs=("sklearn", "digits"),
    ),
    "chars": Listing(
        "a small GPT trained on Python's help texts, AdamW, 120 steps",
        "With zero_grad() the loss falls from 4.5 to about 2.7; without, it turns within some"
        " 40 steps and climbs back to about 4. The size large is there to load a GPU.",
        "zgtui.experiments.chars:chars",
        sizes=("small", "medium", "large"),
    ),
}


def check_name(name: str) -> str:
    """Return ``name`` if it is an experiment, or has the form of a user's own.

    Raises:
        UsageError: if it is neither; the sentence has near names.
    """
    if name not in EXPERIMENTS and ":" not in name:
        raise UsageError(
            f"there is no experiment {name!r}.{suggest(name, EXPERIMENTS)}"
            " See 'zgtui experiments'; your own is FILE.py:FUNCTION."
        )
    return name


def load(name: str, size: str | None = None) -> Experiment:
    """The experiment ``name``, or that of a user's ``FILE.py:FUNCTION``. Imports torch.

    Raises:
        UsageError: if there is none, it does not come in ``size``, or what it needs is missing.
    """
    if name not in EXPERIMENTS:
        own = import_module("zgtui.experiments.own")
        return cast("Experiment", own.load_own(check_name(name), size))
    listing = EXPERIMENTS[name]
    if size is not None and size not in listing.sizes:
        sizes = f"the sizes {', '.join(listing.sizes)}" if listing.sizes else "one size only"
        raise UsageError(f"the experiment {name!r} has {sizes}, not {size!r}")
    if listing.needs is not None:
        need_extra(*listing.needs, f"the experiment {name!r} needs")
    module, function = listing.target.split(":")
    build = getattr(import_module(module), function)
    return cast("Experiment", build(size or listing.sizes[0]) if listing.sizes else build())
