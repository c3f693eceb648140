"""The pane of gradients: its numbers, and the scale of lr·λ with its limits."""

from __future__ import annotations

import math
import re

from tests.sentences.checkers import N as NUMBER
from tests.sentences.checkers import all_of, expect, goes_uphill, limit_is, number_is
from tests.sentences.seen import Seen
from zgtui.config.settings import RunName

END = 5.0
"""lr·λ at the right end of the scale."""


def gauge_fault(text: str, run: RunName, step: int, seen: Seen) -> str:
    """What is false of the five lines of ``run``, measured at ``step``."""
    lines = text.split("\n")
    at = seen.at(step)
    if "not measured yet" in lines[0]:
        return ""
    return all_of(
        [
            _lengths(lines[0], run, at),
            _angle(lines[1], run, at),
            _parts(lines[2], lines[3], run, at),
            _scale(lines[4], run, seen),
        ]
    )


def _lengths(line: str, run: RunName, seen: Seen) -> str:
    steps, last = seen.runs[run], seen.step - 1
    match = re.fullmatch(
        rf"[AB]  ‖\.grad‖ (?P<held>{NUMBER})(?: = (?P<ratio>{NUMBER}) ×)?"
        rf" +‖g‖ (?P<fresh>{NUMBER})",
        line,
    )
    if match is None:
        return f"has no checker: {line}"
    problems = [
        number_is(match["held"], steps.held[last], "length"),
        _nearly(match["fresh"], steps.fresh, run, seen),
    ]
    if match["ratio"]:
        problems.append(number_is(match["ratio"], steps.held[last] / steps.fresh[last], "ratio"))
    return all_of(problems)


def _nearly(text: str, lengths: list[float], run: RunName, seen: Seen) -> str:
    """Micro-batches that cancel leave what their sum in float32 rounds to."""
    found = number_is(text, lengths[seen.step - 1], "gradient")
    rounding = 3e-7 * max(lengths[: seen.step]) if seen.micro_batches(run) > 1 else 0.0
    return found if abs(float(text) - lengths[seen.step - 1]) > rounding else ""


def _angle(line: str, run: RunName, seen: Seen) -> str:
    steps, last = seen.runs[run], seen.step - 1
    problems = []
    cosine = re.search(rf"cosine (?P<cosine>{NUMBER})(?P<uphill> uphill)?", line)
    if cosine:
        real = steps.between[last] / (steps.held[last] * steps.fresh[last])
        problems.append(
            expect(holds=abs(float(cosine["cosine"]) - real) < 0.006, what=f"cosine {real}")
        )
        uphill = (
            goes_uphill(seen, run, seen.step) - goes_uphill(seen, run, seen.step - 1) > 0
            if last
            else False
        )
        if cosine["uphill"]:
            problems.append(expect(holds=real < -0.004, what="not uphill"))
        elif uphill:
            problems.append(expect(holds=real > -0.006, what="uphill"))
    energy = re.search(rf"energy (?P<energy>{NUMBER}) of (?P<first>{NUMBER})", line)
    if energy:
        real = steps.losses[last] + steps.lrs[last] * steps.carried_between[last] / 2
        scale = max(abs(real), steps.losses[0])
        off = abs(float(energy["energy"]) - real) / scale if math.isfinite(real) else 0.0
        problems.append(expect(holds=off < 1e-3, what=f"energy {real}"))
        problems.append(number_is(energy["first"], steps.losses[0], "first loss", 4))
        if not seen.changes(run) and seen.period(run) == 0 and math.isfinite(real):
            kept = abs(real - steps.losses[0]) <= 1e-3 * max(steps.losses[: seen.step])
            problems.append(expect(holds=kept, what=f"is not conserved: {real}"))
    return all_of(problems)


def _parts(carried: str, fresh: str, run: RunName, seen: Seen) -> str:
    steps, last = seen.runs[run], seen.step - 1
    was = float(carried.rsplit(maxsplit=1)[-1])
    return all_of(
        [
            _nearly(fresh.rsplit(maxsplit=1)[-1], steps.fresh, run, seen),
            expect(holds=was == 0, what=f"carried {was}")
            if steps.cleared[last]
            # In float32 the difference of .grad and gradient is that good.
            else (
                expect(
                    holds=abs(was - steps.carried[last]) <= 2e-6 * steps.held[last] + 6e-3 * was
                    or not math.isfinite(was),
                    what=f"carried {steps.carried[last]}",
                )
            ),
        ]
    )


def _scale(line: str, run: RunName, seen: Seen) -> str:
    match = re.fullmatch(rf"lr·λ (?P<q>{NUMBER}|-)(?: at step [\d,]+)? *(?P<scale>.*)", line)
    if match is None:
        return f"has no checker: {line}"
    scale = match["scale"]
    problems = []
    if seen.quadratic(run) is not None and match["q"] != "-":
        problems.append(number_is(match["q"], seen.q(run), "lr·λ"))
    if scale and not seen.linear_theory:
        return "draws a limit that no claim gives"
    if not scale:
        return all_of(problems)
    if scale == "unstable at any rate":
        found = seen.quadratic(run)
        assert found is not None
        from tests.sentences import exact  # noqa: PLC0415 - one line of it

        calm = [lr for lr in (1e-3, 0.01, 0.1) if exact.stable(seen.update(run, lr), lr, found)]
        return all_of([*problems, expect(holds=not calm, what=f"is stable at {calm}")])
    problems += [limit_is(number, run, seen) for number in re.findall(r"\d+\.?\d*", scale)]
    problems.append(_cells(scale, run, seen))
    return all_of(problems)


def _cells(scale: str, run: RunName, seen: Seen) -> str:
    """Whether heavy cells are stable and thin ones are not, at their middles."""
    from tests.sentences import exact  # noqa: PLC0415 - likewise

    found = seen.quadratic(run)
    assert found is not None
    for at, cell in enumerate(scale):
        if cell not in "━─":
            continue
        lr = (at + 0.5) / len(scale) * END / found.sharpest
        if exact.stable(seen.update(run, lr), lr, found) != (cell == "━"):
            return f"cell {at} of {scale}"
    return ""
