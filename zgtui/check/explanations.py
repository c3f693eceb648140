"""What each code means, for whoever meets it: the wrong loop, the right one, and where to see it.

The one source of `zgtui explain`, which reports lead to, of the table in the reference and of the
help of SARIF rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zgtui.check.findings import RULES, theory_of


@dataclass(frozen=True)
class Explanation:
    """``wrong`` and ``right`` are a few lines of a loop.

    ``live`` is the command of the app that trains the mistake beside the right loop, ``lesson``
    the name of the lesson that is about it and ``part`` which part of that; empty where there is
    none. `zgtui.check.demos` has a script for each code.
    """

    wrong: str
    right: str
    live: str = ""
    lesson: str = ""
    part: str = ""


DONE_RIGHT = "the last pages, accumulation done right"


EXPLANATIONS: dict[str, Explanation] = {
    "ZG101": Explanation(
        "loss.backward(); opt.step()",
        "loss.backward(); opt.step(); opt.zero_grad()",
        "zgtui --clear-b never",
        "momentum-one",
    ),
    "ZG102": Explanation("model.head.zero_grad()", "opt.zero_grad()", lesson="momentum-one"),
    "ZG103": Explanation(
        "for epoch in ...: opt.zero_grad()\n    for batch in ...: backward(); step()",
        "for batch in ...: opt.zero_grad(); backward(); step()",
        "zgtui --clear-b 2",
        "clearing-period",
    ),
    "ZG105": Explanation("backward(); step(); step()", "backward(); step(); zero_grad()"),
    "ZG106": Explanation(
        "heads[i].zero_grad(); loss_of(heads[i]).backward(); step()",
        "opt.zero_grad(); loss_of(heads[i]).backward(); step()",
        lesson="overshoot",
    ),
    "ZG107": Explanation(
        "opt.step(), then p.grad.mul_(0.9)",
        "opt.step(); opt.zero_grad(), if it is not meant as momentum",
        lesson="momentum-one",
    ),
    "ZG201": Explanation("backward(); zero_grad(); step()", "zero_grad(); backward(); step()"),
    "ZG202": Explanation(
        "for micro in ...: zero_grad(); backward()\nstep()",
        "zero_grad()\nfor micro in ...: backward()\nstep()",
        lesson="clearing-period",
        part=DONE_RIGHT,
    ),
    "ZG203": Explanation(
        "aux_loss.backward(); opt.zero_grad(); loss.backward(); opt.step()",
        "opt.zero_grad(); aux_loss.backward(); loss.backward(); opt.step()",
    ),
    "ZG301": Explanation(
        "opt_d.zero_grad(); loss_g.backward(); opt_g.step()\nloss_d.backward(); opt_d.step()",
        "loss_g.backward(); opt_g.step()\nopt_d.zero_grad(); loss_d.backward(); opt_d.step()",
    ),
    "ZG401": Explanation(
        "opt = SGD(copy.deepcopy(model).parameters())", "opt = SGD(model.parameters())"
    ),
    "ZG501": Explanation(
        "loss.backward(), four times; opt.step()",
        "(loss / 4).backward(), four times; opt.step()",
        lesson="clearing-period",
        part=DONE_RIGHT,
    ),
    "ZG502": Explanation(
        "loss = loss / 4; accelerator.backward(loss), which divides by 4 too",
        "accelerator.backward(loss)",
        lesson="clearing-period",
        part=DONE_RIGHT,
    ),
    "ZG503": Explanation(
        "(F.cross_entropy(logits, padded_targets) / 4).backward()",
        'loss = F.cross_entropy(logits, padded_targets, reduction="sum")\n'
        "(loss / targets_of_all_4).backward()",
    ),
    "ZG504": Explanation(
        "if (i + 1) % 4 == 0: opt.step(); opt.zero_grad()",
        "if (i + 1) % 4 == 0 or i + 1 == len(loader):\n    opt.step(); opt.zero_grad()",
    ),
}
"""By code. ZG000 and ZG001 say that nothing could be judged: no loop is wrong there."""


def sides(code: str) -> str:
    """The wrong and the right loop of ``code`` under each other, as text."""
    one = EXPLANATIONS[code]
    name = "note" if RULES[code].severity == "note" else "wrong"
    return "\n".join([_side(name, one.wrong), _side("right", one.right)])


def _side(name: str, lines: str) -> str:
    return "\n".join(
        f"{name if at == 0 else '':<5}  {line}" for at, line in enumerate(lines.splitlines())
    )


def effects(code: str) -> list[str]:
    """What the mistake does to the training, for SGD and for Adam where that differs."""
    sgd, adam = (theory_of(code, optimizer) for optimizer in ("SGD", "Adam"))
    if adam and adam != sgd:
        return [sgd, adam if adam.startswith("Adam") else f"Adam: {adam}"]
    return [sgd] if sgd else []


def commands(code: str) -> list[str]:
    """What shows the mistake or the right way of ``code`` in the app."""
    one = EXPLANATIONS[code]
    lesson = [f"zgtui --lesson {one.lesson}"] if one.lesson else []
    return [*filter(None, [one.live]), *lesson]


def rows(code: str) -> Iterator[tuple[str, str]]:
    """All that is said of ``code`` beside its loops: what each sentence is, and the sentence."""
    for text in effects(code):
        yield "effect", text
    yield "fix", RULES[code].advice
    if code not in EXPLANATIONS:
        return
    for command in commands(code):
        part = EXPLANATIONS[code].part
        yield "see it", f"{command} ({part})" if part else command
    yield "see it", f"zgtui explain --demo {code}: the wrong loop beside the right one"
    yield "silence", f"# zgtui: ignore[{code}] at the end of the line that is named"
