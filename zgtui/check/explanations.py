"""What each code means, for whoever meets it: the wrong loop, the right one, and where to see it.

The one source of `zgtui explain`, which reports lead to, of the table in the reference and of the
help of SARIF rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zgtui.check.findings import RULES


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """``wrong`` and ``right`` are a few lines of a loop, ``theory`` is three lines on a terminal.

    ``ends`` are the last losses of the script in `zgtui.check.demos` that shows it, trained wrong
    and right; empty where that diverges. ``remark`` says what these are, where they are not plain.
    ``live`` is the command of the app that trains the mistake beside the right loop, ``lesson``
    the name of the lesson that is about it and ``part`` which part of that; empty where there is
    none.
    """

    wrong: str
    right: str
    theory: str
    ends: tuple[str, str]
    remark: str = ""
    live: str = ""
    lesson: str = ""
    part: str = ""


DONE_RIGHT = "the last pages, accumulation done right"


EXPLANATIONS: dict[str, Explanation] = {
    "ZG101": Explanation(
        wrong="loss.backward(); opt.step()",
        right="loss.backward(); opt.step(); opt.zero_grad()",
        theory="Without clearing, SGD steps along the sum of all gradients so far, momentum 1. On a"
        " quadratic loss it oscillates undamped, and diverges for lr × sharpness of 4 or more."
        " Adam goes on following old gradients.",
        ends=("1.4", "0"),
        live="zgtui --clear-b never",
        lesson="momentum-one",
    ),
    "ZG102": Explanation(
        wrong="model.head.zero_grad()",
        right="opt.zero_grad()",
        theory="The parameters left out step along the sum of all their gradients, which for SGD is"
        " momentum 1: nothing damps them. The others train well, so that the loss may go down"
        " before it oscillates or diverges.",
        ends=("", "0"),
        lesson="momentum-one",
    ),
    "ZG103": Explanation(
        wrong="for epoch in ...: opt.zero_grad()\n    for batch in ...: backward(); step()",
        right="for batch in ...: opt.zero_grad(); backward(); step()",
        theory="Between two clearings each step applies the sum of the gradients so far. Every 2"
        " steps, SGD diverges for lr × sharpness from 1 to 2, where clearing each step"
        " converges and never clearing is bounded.",
        ends=("0.16", "0"),
        live="zgtui --clear-b 2",
        lesson="clearing-period",
    ),
    "ZG105": Explanation(
        wrong="backward(); step(); step()",
        right="backward(); step(); zero_grad()",
        theory="Two steps of plain SGD along one gradient are one step at twice the lr: the loss"
        " diverges for lr × sharpness above 1 instead of above 2. Momentum and the averages of Adam"
        " count that gradient twice as well.",
        ends=("", "0"),
    ),
    "ZG106": Explanation(
        wrong="heads[i].zero_grad(); loss_of(heads[i]).backward(); step()",
        right="opt.zero_grad(); loss_of(heads[i]).backward(); step()",
        theory="A loss leaves .grad as it was for the parameters that it does not use. step()"
        " cannot tell: it applies that stale gradient once more and carries those parameters past"
        " the minimum of their own loss.",
        ends=("", "0"),
        lesson="overshoot",
    ),
    "ZG107": Explanation(
        wrong="opt.step(), then p.grad.mul_(0.9)",
        right="opt.step(); opt.zero_grad(), if momentum is not intended",
        theory="Scaled by k instead of cleared, .grad becomes k × old + new gradient: for SGD that"
        " is exactly momentum k. That is not a mistake if it is intended; with momentum set in"
        " the optimizer it acts a second time.",
        ends=("0.019", "0"),
        lesson="momentum-one",
    ),
    "ZG201": Explanation(
        wrong="backward(); zero_grad(); step()",
        right="zero_grad(); backward(); step()",
        theory="zero_grad() discards what backward() computed before step() reads it. If it sets"
        " .grad to None, the default, step() skips the parameters; if it fills in zeros, only"
        " momentum and weight decay move them.",
        ends=("4.6", "0"),
    ),
    "ZG202": Explanation(
        wrong="for micro in ...: zero_grad(); backward()\nstep()",
        right="zero_grad()\nfor micro in ...: backward()\nstep()",
        theory="Only the last micro-batch is left in .grad at the step: a gradient that is noisier"
        " than that of the batch, and the other passes are wasted. Losses divided by N also"
        " make steps of SGD too short.",
        ends=("3.9", "0.91"),
        lesson="clearing-period",
        part=DONE_RIGHT,
    ),
    "ZG203": Explanation(
        wrong="aux_loss.backward(); opt.zero_grad(); loss.backward(); opt.step()",
        right="opt.zero_grad(); aux_loss.backward(); loss.backward(); opt.step()",
        theory="What the first backward() adds to .grad is discarded before step(). Parameters that"
        " only its loss reaches keep their initial values, and those that both losses share"
        " follow only the second loss.",
        ends=("3.5", "0.0004"),
    ),
    "ZG301": Explanation(
        wrong="opt_d.zero_grad(); loss_g.backward(); opt_g.step()\nloss_d.backward(); opt_d.step()",
        right="loss_g.backward(); opt_g.step()\nopt_d.zero_grad(); loss_d.backward(); opt_d.step()",
        theory="backward() adds to .grad of every parameter that the loss depends on, whichever"
        " optimizer holds it. Unless that is cleared before its own backward pass, its step"
        " also follows a loss not meant for it.",
        ends=("0.51", "0"),
        remark="the critic's loss",
    ),
    "ZG401": Explanation(
        wrong="opt = SGD(copy.deepcopy(model).parameters())",
        right="opt = SGD(model.parameters())",
        theory="step() skips a parameter whose .grad is None. A copy of the model, or what detach()"
        " or no_grad() cuts off from the loss, never gets a gradient: the optimizer changes"
        " nothing, whatever its learning rate.",
        ends=("4.6", "0"),
    ),
    "ZG501": Explanation(
        wrong="loss.backward(), four times; opt.step()",
        right="(loss / 4).backward(), four times; opt.step()",
        theory="backward() adds up: N micro-batches leave N times the mean gradient. For SGD that"
        " is N times the learning rate. Adam divides by its size, which hides it; clipping by"
        " norm cuts N times as early.",
        ends=("", "0"),
        lesson="clearing-period",
        part=DONE_RIGHT,
    ),
    "ZG502": Explanation(
        wrong="loss = loss / 4; accelerator.backward(loss), which divides by 4 too",
        right="accelerator.backward(loss)",
        theory="Divided twice, or by a number that is not that of the micro-batches, the sum is a"
        " multiple of the mean gradient: for SGD, another learning rate. Adam hides a constant"
        " factor; clipping by norm does not.",
        ends=("0.0033", "0"),
        lesson="clearing-period",
        part=DONE_RIGHT,
    ),
    "ZG503": Explanation(
        wrong="(F.cross_entropy(logits, padded_targets) / 4).backward()",
        right='loss = F.cross_entropy(logits, padded_targets, reduction="sum")\n'
        "(loss / targets_of_all_4).backward()",
        theory="A mean of means weighs all micro-batches alike, so a target in a short one counts"
        " for more than a target in a long one. The mean over all targets is the sum of all"
        " losses divided by the number of targets.",
        ends=("0.94", "1.2"),
        remark="A's is a mean of means, another loss",
    ),
    "ZG504": Explanation(
        wrong="if (i + 1) % 4 == 0: opt.step(); opt.zero_grad()",
        right="if (i + 1) % 4 == 0 or i + 1 == len(loader):\n    opt.step(); opt.zero_grad()",
        theory="Where N does not divide the batches of an epoch, some are left over. Cleared, they"
        " are lost in every epoch. Kept, they go into the first step of the next epoch, which"
        " applies more than N and is too long.",
        ends=("0.12", "0.043"),
    ),
}
"""By code. ZG000 and ZG001 say that nothing could be judged: no loop is wrong there."""

NO_LOOP = {
    "ZG001": "This is not about one kind of loop, so there is no demo. zgtui check --static runs"
    " nothing: where it cannot see what is cleared, as in a function of another file, it"
    " says so instead of guessing.",
    "ZG000": "This is not about a loop, so there is no demo. The first two losses are the same"
    " with and without clearing, so fewer than three steps prove nothing, and neither do"
    " gradients that leave torch.",
}
"""What the others say, which blame no loop, and why there is nothing to show of them."""


def sides(code: str) -> str:
    """The wrong and the right loop of ``code`` under each other, as text."""
    one = EXPLANATIONS[code]
    name = "note" if RULES[code].severity == "note" else "wrong"
    return "\n".join([_side(name, one.wrong), _side("right", one.right)])


def _side(name: str, lines: str) -> str:
    return "\n".join(
        f"{name if at == 0 else '':<5}  {line}" for at, line in enumerate(lines.splitlines())
    )


def theory(code: str) -> str:
    """What is behind ``code``, in three lines of a terminal."""
    return EXPLANATIONS[code].theory if code in EXPLANATIONS else NO_LOOP[code]


def demo_command(code: str) -> str:
    """What trains the wrong loop of ``code`` beside the right one."""
    return f"zgtui explain --demo {code}"


def outcome(code: str) -> str:
    """What that shows, in numbers."""
    one = EXPLANATIONS[code]
    a, b = (f"ends at a loss of {loss}" if loss else "diverges" for loss in one.ends)
    remark = f" ({one.remark})" if one.remark else ""
    return f"A, the wrong loop, {a}; B, the right one, {b}{remark}"


def commands(code: str) -> list[str]:
    """What shows the mistake or the right way of ``code`` live: for each code at least one."""
    one = EXPLANATIONS[code]
    lesson = [f"zgtui --lesson {one.lesson}"] if one.lesson else []
    return [demo_command(code), *filter(None, [one.live]), *lesson]


def rows(code: str) -> Iterator[tuple[str, str]]:
    """All that is said of ``code`` beside its loops: what each sentence is, and the sentence."""
    yield "theory", theory(code)
    yield "fix", RULES[code].advice
    if code not in EXPLANATIONS:
        return
    shown, *others = commands(code)
    yield "see it", f"{shown}: {outcome(code)}"
    for command in others:
        part = EXPLANATIONS[code].part
        yield "see it", f"{command} ({part})" if part else command
    yield "silence", f"# zgtui: ignore[{code}] at the end of the reported line"
