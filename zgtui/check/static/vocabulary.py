"""The words by which training code is known: names of optimizers, of what clears and what not."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

_HEAD = re.compile(r"\w+")


def dotted(node: ast.expr | None) -> str:
    """``a.b[0].c()`` as text; empty for what is no name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, ast.Subscript):
        base = dotted(node.value)
        index = repr(node.slice.value) if isinstance(node.slice, ast.Constant) else "*"
        return f"{base}[{index}]" if base else ""
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        base = dotted(node.func)
        return f"{base}()" if base else ""
    return ""


@dataclass
class Scope:
    """What the names of one function stand for: those of its root, the function read by itself.

    ``holders`` maps a variable that runs over parameters to those whose parameters they are.
    """

    function: str = ""
    owner: str = ""
    """The class of ``self``."""
    names: dict[str, str] = field(default_factory=dict)
    holders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    local: dict[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda] = field(
        default_factory=dict
    )
    depth: int = 0
    is_root: bool = False

    def resolve(self, node: ast.expr | None) -> str:
        """The name in the words of the root."""
        return self.resolve_text(dotted(node))

    def resolve_text(self, text: str) -> str:
        """The same for a name that is text already."""
        match = _HEAD.match(text)
        if match is None or match[0] not in self.names:
            return text.replace(".module.", ".").removesuffix(".module")
        return self.names[match[0]] + text[match.end() :]


OPTIMIZERS = frozenset(
    {"SGD", "Adam", "AdamW", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta", "Adamax", "ASGD",
     "SparseAdam", "Rprop", "LBFGS", "Adafactor", "Muon", "Lion", "Lamb", "LAMB", "AdaBelief",
     "AdamP", "SGDP", "AdaBound", "FusedAdam", "FusedSGD", "FusedLAMB", "AdamW8bit",
     "Adam8bit", "BertAdam", "OpenAIAdam", "Ranger", "RangerLars", "HybridAdam", "CPUAdam"}
)  # fmt: skip
_OPTIMIZER = re.compile(
    r"(?:^|[._])(?:\w*optim\w*|opt|opt_\w+|opt_?[a-rt-zA-Z]?\d?|\w+_opt|[a-z]+Opt)(?:\[[^]]*\])?(?:\(\))?$",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"sched|warm|env|profil|prof$|sim$|world|game|agent|ema|option|args|config|engine|manager"
    r"|tokens|meter",
    re.IGNORECASE,
)
_SCHEDULER = re.compile(r"LR$|[Ss]cheduler\w*$|lr_scheduler\.\w+$|Restarts$")
CLEARS = frozenset({"zero_grad", "zero_grads", "clear_grad", "clear_gradients", "reset_grad",
                    "zerograd", "zero_gradients"})  # fmt: skip
BACKWARDS = frozenset({"backward", "manual_backward"})
_MAY_CLEAR = re.compile(
    r"zero_?\w*grad|(?:clear|reset|clean)\w*grad|grad\w*_(?:clear|reset|zero|none)"
    r"|zero_all|zero_out|set_?grads?_none",
    re.IGNORECASE,
)
_TRAINS = re.compile(
    r"optim|update|train|learn|backward|grad|step|zero|closure|fit\b|minimi"
    r"|descen|iterat|(?:^|_)run", re.IGNORECASE
)  # fmt: skip
_HARMLESS = re.compile(
    r"lr|learning_?rate|sched|warm|save|checkpoint|load|resum|print|log(?!ic)|write|scale_loss|unscale"
    r"|state|isinstance|len$|type$|id$|hasattr|setattr|getattr|clip|norm|ema|average|metric"
    r"|momentum|decay|prepare|wrap|initialize|broadcast|append|add|register|extend|dict|str$"
    r"|summary|info|progress|adjust|param|freq|zip|enumerate|tqdm|update_bn|toggle|synchronize"
    r"|^iter$|^next$|^list$|^tuple$|^set_|^get_|^is_|^_?check|_swap|set_epoch|report|describe"
    r"|^vars$|^repr$|^range$|^super$|DataParallel|^setup",
    re.IGNORECASE,
)
_OPTIMIZER_METHODS = re.compile(
    r"state|param_group|defaults|__|train$|eval$|register|hook|set_lr|get_lr|lr$|sync|items|values"
    r"|keys|append|extend|add_|optimizers|copy|pop$|get$|share_memory|update_lr|rate|adjust"
    r"|decrease|schedul|learning|print|log|profile|consolidate|swap|clip|unscale|scale",
    re.IGNORECASE,
)
_PERIODIC = re.compile(r"%|accum|sync_grad|update_freq|grad_acc|is_boundary", re.IGNORECASE)
_STEPS_ANOTHER = re.compile(r"scaler|scale|amp|precision|fabric|xm$", re.IGNORECASE)
_PLAIN_BACKWARD = re.compile(r"accelerat|fabric|autograd|scaler", re.IGNORECASE)


def is_optimizer(name: str) -> bool:
    """Whether ``name`` is how people call an optimizer."""
    name = name.partition("·")[0]
    return bool(_OPTIMIZER.search(name)) and not _OTHER.search(name)


def is_optimizer_class(name: str) -> bool:
    """Whether a class of this name makes an optimizer."""
    last = name.rpartition(".")[2]
    return (
        last in OPTIMIZERS
        or last.endswith(("Optimizer", "Optim"))
        or bool(re.search(r"(?:^|\.)optim\.[A-Z]\w*$", name))
    )


def is_scheduler(values: list[ast.expr]) -> bool:
    """Whether what is assigned to a name makes a scheduler of the learning rate."""
    return bool(values) and all(
        isinstance(one, ast.Call) and _SCHEDULER.search(dotted(one.func)) for one in values
    )


def is_plain_backward(of: str) -> bool:
    """Whether ``of.backward(loss)`` is known to do nothing but that."""
    return bool(_PLAIN_BACKWARD.search(of))


def may_step_another(of: str) -> bool:
    """Whether ``of.step(optimizer)`` steps the optimizer that it is given, as a GradScaler does."""
    return not of or bool(_STEPS_ANOTHER.search(of))


def may_clear(name: str) -> bool:
    """Whether a function of this name, which cannot be seen, may clear gradients."""
    return bool(_MAY_CLEAR.search(name))


def trains(name: str) -> bool:
    """Whether a function of this name, which cannot be seen, may be a part of a training step."""
    return bool(_TRAINS.search(name)) and not _HARMLESS.search(name)


def is_harmless(name: str) -> bool:
    """Whether a function of this name leaves the gradients of an optimizer it is given alone."""
    return bool(_HARMLESS.search(name))


def is_optimizer_method(name: str) -> bool:
    """Whether a method of an optimizer of this name leaves its gradients alone."""
    return bool(_OPTIMIZER_METHODS.search(name))


def is_periodic(test: str) -> bool:
    """Whether a condition holds now and then, as that of accumulation or of logging does."""
    return bool(_PERIODIC.search(test))
