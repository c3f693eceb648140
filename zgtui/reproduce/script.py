"""Writes the script."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pprint import pformat

from zgtui.config.settings import RUNS, SCHEDULES, RunName, Settings
from zgtui.errors import UsageError
from zgtui.experiments import EXPERIMENTS
from zgtui.reproduce.source import Extract
from zgtui.runlog.events import Event, LrChanged, RunChange, change_of

DECAY_BY_DEFAULT = {"AdamW", "Muon"}
"""Optimizers that decay weights where nothing is given: there a 0 has to be written."""

CAPTURABLE = {
    *("ASGD", "Adadelta", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop"),
}
"""Optimizers that count their steps on a GPU here, for graphs, which rounds otherwise."""

_LOOP = '''

def batches():
    """The same batches for both runs: a new order each epoch, from a generator of its own."""
    generator = torch.Generator().manual_seed(SEED)
    inputs, targets = data.inputs.to(DEVICE), data.targets.to(DEVICE)
    size = min(BATCH_SIZE or len(inputs), len(inputs))
    while True:
        if size == len(inputs):
            yield inputs, targets
            continue
        order = torch.randperm(len(inputs), generator=generator)
        order = order[: len(inputs) // size * size].to(DEVICE)
        for batch in order.split(size):
            yield inputs[batch], targets[batch]


def train(model, run, changes):
    """The losses of one run, step by step."""
    lr, clear_every, micro_batches = run["lr"], run["clear_every"], run["micro_batches"]
    optimizer = make_optimizer(model.parameters(), lr)
    for step, (inputs, targets) in zip(range(1, STEPS + 1), batches()):
        for setting, value in changes.get(step, []):
            lr = value if setting == "lr" else lr
            clear_every = value if setting == "clear_every" else clear_every
            micro_batches = value if setting == "micro_batches" else micro_batches
        for group in optimizer.param_groups:
            group["lr"] = lr * factor(step)
        # The line that this is about: 1 clears before every step, 0 never.
        if clear_every and (step - 1) % clear_every == 0:
            optimizer.zero_grad()
'''
_PLAIN = """\
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        yield loss.item()
"""
_ACCUMULATED = """\
        losses = []
        splits = inputs.tensor_split(micro_batches), targets.tensor_split(micro_batches)
        for inputs, targets in zip(*splits):
            loss = criterion(model(inputs), targets) / micro_batches
            loss.backward()
            losses.append(loss.detach())
        if micro_batches > 1 or CLIP < math.inf:
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        yield torch.stack(losses).sum().item()
"""
_END = """

runs = [train(model, RUNS[name], CHANGES[name]) for name, model in models.items()]
print("step,loss_a,loss_b")
for step, losses in enumerate(zip(*runs), start=1):
    print(step, *map(repr, losses), sep=",")
"""


def reproduce(settings: Settings, changes: Iterable[Event], steps: int) -> str:
    """A script that prints the losses of the first ``steps`` steps of both runs, as a wide table.

    ``settings`` have every default filled in, as they were at step 0; ``changes`` are the events
    of the log. The table can be read by ``zgtui view``.

    Raises:
        UsageError: if the experiment is a user's own, of which the sources are not known.
    """
    if settings.experiment not in EXPERIMENTS:
        raise UsageError(
            "only zgtui's own experiments can be written as a script; yours is a script already"
        )
    changes = list(changes)
    changed = {name: _changes(change_of(event, name) for event in changes) for name in RUNS}
    accumulates = settings.clip is not None or any(
        micro_batches > 1
        for micro_batches in (
            *(settings.run(name).accumulate for name in RUNS),
            *(value for found in changed.values() for value in _values(found, "micro_batches")),
        )
    )
    extract = Extract()
    experiment = _experiment(extract, settings)
    factor = _factor(extract, settings)
    imports = ["import copy", *(["import math"] if accumulates else []), "import torch"]
    lines = [
        '"""Two training runs on the same batches: what optimizer.zero_grad() does."""',
        "from __future__ import annotations",
        "\n".join(dict.fromkeys([*imports, *extract.imports])),
        _constants(settings, changed, steps, accumulates=accumulates),
        "# Sums over several threads are rounded otherwise.\ntorch.set_num_threads(1)",
    ]
    return (
        "\n\n".join(lines)
        + "".join(f"\n\n\n{piece}" for piece in extract.definitions)
        + f"\n\n\n{experiment}\n\n\n{factor}\n\n\n{_optimizer(settings)}"
        + (_LOOP + (_ACCUMULATED if accumulates else _PLAIN) + _END)
    )


def _experiment(extract: Extract, settings: Settings) -> str:
    """What builds the models and the data, in the order in which they are drawn."""
    listing = EXPERIMENTS[settings.experiment]
    module, name = listing.target.split(":")
    function = extract.function(module, name)
    given = _given(extract, module, function)
    lines = [f"{one.arg} = {settings.size or listing.sizes[0]!r}" for one in function.args.args]
    lines += [extract.code(module, node) for node in function.body[1:-1]]
    apart = "separate_starts" in given
    model = f"({extract.code(module, given['model'])})()"
    data = f"({extract.code(module, given['data'])})()"
    lines += [
        f"criterion = {extract.code(module, given['criterion'])}",
        "torch.manual_seed(SEED)",
        f"first = {model}",
        f"second = {model if apart else 'copy.deepcopy(first)'}",
        'models = {"A": first.to(DEVICE), "B": second.to(DEVICE)}',
        "torch.manual_seed(SEED)",
        f"data = {data}",
    ]
    return "\n".join(lines).replace("(_model)()", "_model()").replace("(_data)()", "_data()")


def _given(extract: Extract, module: str, function: ast.FunctionDef) -> dict[str, ast.expr]:
    """What ``function`` gives its Experiment, or ``replace(other(), …)`` changes in another."""
    last = function.body[-1]
    assert isinstance(last, ast.Return)
    assert isinstance(last.value, ast.Call)
    given = {one.arg: one.value for one in last.value.keywords if one.arg is not None}
    for base in last.value.args:
        assert isinstance(base, ast.Call)
        assert isinstance(base.func, ast.Name)
        given = _given(extract, module, extract.function(module, base.func.id)) | given
    return given


def _constants(
    settings: Settings,
    changed: Mapping[RunName, Mapping[int, list[tuple[str, float]]]],
    steps: int,
    *,
    accumulates: bool,
) -> str:
    runs = {
        name: {
            "lr": settings.run(name).lr,
            "clear_every": settings.run(name).clear.period,
            "micro_batches": settings.run(name).accumulate,
        }
        for name in RUNS
    }
    lines = [
        f"SEED = {settings.seed}",
        f"DEVICE = {settings.device!r}",
        f"STEPS = {steps}",
        f"BATCH_SIZE = {settings.batch_size or 0}  # 0 is all of the data",
        f"RUNS = {pformat(runs, sort_dicts=False)}",
        "# Changes made while it trained, by the step from which they hold.",
        f"CHANGES = {pformat(changed, sort_dicts=False)}",
    ]
    if accumulates:
        lines.append(f"CLIP = {'math.inf' if settings.clip is None else repr(settings.clip)}")
    return "\n".join(lines)


def _factor(extract: Extract, settings: Settings) -> str:
    """The schedule's factor on the learning rate, as a function of the step."""
    head = 'def factor(step):\n    """The schedule of the learning rate."""\n    return '
    if settings.schedule == "constant" or not settings.steps:
        return f"{head}1.0"
    function = SCHEDULES[settings.schedule].__name__
    extract.name("zgtui.config.settings", function)
    return f"{head}{function}(step, {settings.steps})"


def _optimizer(settings: Settings) -> str:
    options = ["lr=lr"]
    if settings.momentum:
        options.append(f"momentum={settings.momentum!r}")
    if settings.weight_decay or (
        settings.weight_decay is not None and settings.optimizer in DECAY_BY_DEFAULT
    ):
        options.append(f"weight_decay={settings.weight_decay!r}")
    if settings.nesterov:
        # The other implementation changes .grad in place.
        options += ["nesterov=True", "foreach=False"]
    if settings.device.startswith("cuda"):
        if settings.optimizer in CAPTURABLE:
            options.append("capturable=True")
        elif settings.optimizer == "SGD" and settings.schedule != "constant":
            options.append("fused=True")
    return (
        'def make_optimizer(parameters, lr):\n    """The same for both runs."""\n'
        f"    return torch.optim.{settings.optimizer}(parameters, {', '.join(options)})"
    )


def _changes(events: Iterable[RunChange | None]) -> dict[int, list[tuple[str, float]]]:
    """What changed, by step, as (setting, value)."""
    found: dict[int, list[tuple[str, float]]] = {}
    for event in events:
        if event is None:
            continue
        at = found.setdefault(event.step, [])
        if isinstance(event, LrChanged):
            at.append(("lr", event.lr))
        elif event.clear is not None:
            at.append(("clear_every", event.clear.period))
            at.append(("micro_batches", event.accumulate))
    return found


def _values(changes: Mapping[int, list[tuple[str, float]]], name: str) -> list[float]:
    return [value for pairs in changes.values() for setting, value in pairs if setting == name]
