"""The scale of accumulated gradients: what the losses were divided by, and what the source says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.observed import backward, clear, fresh, made, step
from zgtui.check.findings import Finding
from zgtui.check.judging.rules import judge
from zgtui.check.observations import LossSeen, Observation
from zgtui.instrument.sites import Site

LOOP = """
for index, (inputs, targets) in enumerate(loader):
    loss = criterion(model(inputs), targets){}
    loss.backward()
    if (index + 1) % {} == 0:
        optimizer.step()
        optimizer.zero_grad()
"""
PLAIN: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def script(tmp_path: Path) -> Path:
    """A script that accumulates and divides by nothing."""
    return write(tmp_path / "train.py")


def write(path: Path, divided: str = "", often: str = "4", before: str = "") -> Path:
    path.write_text(before + LOOP.format(divided, often), encoding="utf-8")
    return path


def found(
    script: Path,
    *windows: list[dict[str, Any]],
    name: str = "SGD",
    stepped: dict[int, int] | None = None,
    made_in: Path | None = None,
) -> list[Finding]:
    """What is found where each step applies a window of losses."""
    lines = script.read_text("utf-8").splitlines()
    backward_line, step_line = (
        next(line for line, text in enumerate(lines, 1) if word in text)
        for word in ("loss.backward", "optimizer.step")
    )
    seen: list[Observation] = [made(name=name, site=Site(str(made_in or script), 1, "train"))]
    number = 0
    for turn, window in enumerate(windows):
        first = number + 1
        for loss in window:
            number += 1
            seen += [
                backward(number, at=Site(str(script), backward_line, "train")),
                LossSeen(number, **{"reduction": "mean", **loss}),
            ]
        numbers = range(first, number + 1)
        at = Site(str(script), (stepped or {}).get(turn, step_line), "train")
        seen += [step(fresh(*numbers), at=at), clear()]
    return judge(seen)


def codes(findings: list[Finding]) -> list[str]:
    return [one.code for one in findings]


def test_means_that_are_summed_are_told(script: Path) -> None:
    (finding,) = found(script, *[[PLAIN] * 4] * 3)
    assert (finding.code, finding.micro_batches, finding.site.line) == ("ZG501", 4, 4)
    assert finding.message.startswith("the losses of 4 micro-batches are summed, not averaged")
    assert finding.evidence == "step 3 applied 4 undivided means"
    assert finding.remedy.endswith("(loss / 4).backward()")


@pytest.mark.parametrize(
    "last",
    [
        {"divisors": (4.0,)},
        {"factors": (0.25,)},
        {"apart": (4.0,)},
        {"reduction": "sum"},
        {"reduction": "unknown"},
    ],
)
def test_losses_that_are_no_plain_means_may_be_summed(script: Path, last: dict[str, Any]) -> None:
    assert codes(found(script, *[[PLAIN] * 4] * 2, [PLAIN, PLAIN, PLAIN, last])) == []


def test_terms_that_were_divided_by_another_number_are_no_accumulation(script: Path) -> None:
    assert codes(found(script, *[[{"apart": (3.0,)}] * 4] * 3)) == ["ZG501"]


def test_of_unknown_optimizers_no_scale_is_asked(script: Path) -> None:
    assert codes(found(script, *[[PLAIN] * 4] * 3, name="Mine")) == []


def test_windows_of_many_sizes_are_no_accumulation(script: Path) -> None:
    sizes = (4, 3, 2, 5)
    for loss in (PLAIN, {"divisors": (8.0,)}, {"divisors": (4.0, 4.0)}):
        assert codes(found(script, *[[loss] * size for size in sizes])) == []
    unequal = [targets(*(10.0 * (at + 1) for at in range(size))) for size in sizes]
    assert codes(found(script, *unequal)) == []


def test_a_rate_that_is_divided_makes_up_for_it(tmp_path: Path) -> None:
    scaled = write(tmp_path / "rate.py", before="optimizer = SGD(parameters, lr=0.1 / 4)\n")
    assert codes(found(scaled, *[[PLAIN] * 4] * 3)) == []
    plain = write(tmp_path / "plain.py")
    assert codes(found(plain, *[[PLAIN] * 4] * 3, made_in=scaled)) == []
    assert codes(found(plain, *[[PLAIN] * 4] * 3, made_in=plain)) == ["ZG501"]


OUTSIDE = dict.fromkeys(range(3), 20)


def test_a_step_outside_the_loop_of_tasks_sums_on_purpose(script: Path) -> None:
    assert codes(found(script, *[[PLAIN] * 4] * 3, stepped=OUTSIDE)) == []
    assert codes(found(script, *[[PLAIN] * 4] * 3, stepped={1: 20})) == ["ZG501"], "the last counts"


def test_dividing_twice_is_told(script: Path) -> None:
    (finding,) = found(script, *[[{"divisors": (4.0, 4.0)}] * 4] * 3)
    assert (finding.code, finding.micro_batches, finding.divided_twice) == ("ZG502", 4, True)
    assert finding.message == "the losses of 4 micro-batches are divided by 4 twice"
    assert finding.evidence.startswith("step 3 applied 1/4 of the mean gradient of its 4")
    assert finding.site.line == 4


@pytest.mark.parametrize(
    ("size", "loss", "told"),
    [
        (4, {"ranks": 4}, []),
        (4, {"ranks": 2}, ["ZG502"]),
        (4, {"reduction": "sum"}, []),
        (2, {}, []),
        (2, {"reduction": "targets"}, ["ZG502"]),
        (3, {}, ["ZG502"]),
    ],
)
def test_what_else_explains_two_divisions(
    script: Path, size: int, loss: dict[str, Any], told: list[str]
) -> None:
    twice = {"divisors": (float(size), float(size)), **loss}
    assert codes(found(script, *[[twice] * size] * 3)) == told
    assert codes(found(script, *[[twice] * (size - 1) + [{"divisors": (float(size),)}]] * 3)) == []


def test_dividing_by_another_number_is_told(tmp_path: Path) -> None:
    divided = write(tmp_path / "other.py", divided=" / accumulate")
    (finding,) = found(divided, *[[{"divisors": (8.0,)}] * 4] * 3)
    assert (finding.code, finding.micro_batches, finding.divided_twice) == ("ZG502", 4, False)
    assert finding.message == "the losses of 4 micro-batches are divided by 8"
    assert finding.evidence.startswith("step 3 applied 0.5 × the mean gradient of its 4")
    assert codes(found(divided, *[[{"divisors": (2.0,)}] * 4] * 3)) == ["ZG502"]


@pytest.mark.parametrize(
    "loss",
    [
        {"divisors": (4.0,)},
        {"divisors": (8.0,), "factors": (2.0,)},
        {"divisors": (8.0, 8.0)},
        {"divisors": ()},
        {"divisors": (1.0,)},
        {"divisors": (2.5,)},
        {"divisors": (8.0,), "ranks": 2},
        {"divisors": (8.0,), "reduction": "sum"},
    ],
)
def test_what_else_explains_another_number(tmp_path: Path, loss: dict[str, Any]) -> None:
    divided = write(tmp_path / "other.py", divided=" / accumulate")
    assert [one for one in codes(found(divided, *[[loss] * 4] * 3)) if one == "ZG502"] == []


def test_different_numbers_are_no_mistake_of_one(tmp_path: Path) -> None:
    divided = write(tmp_path / "other.py", divided=" / accumulate")
    mixed = [{"divisors": (8.0,)}] * 3 + [{"divisors": (16.0,)}]
    assert codes(found(divided, *[mixed] * 3)) == []


def test_what_the_script_does_not_write_is_not_told(script: Path) -> None:
    assert codes(found(script, *[[{"divisors": (8.0,)}] * 4] * 3)) == []


@pytest.mark.parametrize(("number", "told"), [(2, []), (3, ["ZG502"])])
def test_a_loss_that_is_halved_in_figures_is_no_mistake(
    tmp_path: Path, number: int, told: list[str]
) -> None:
    halved = write(tmp_path / "half.py", divided=f"\n    loss = loss / {number}")
    windows = [[{"divisors": (float(number),)}] * 4] * 3
    assert codes(found(halved, *windows)) == told
    assert codes(found(halved, *windows, stepped={1: 20})) == told


def test_as_many_turns_of_an_outer_loop_explain_the_number(tmp_path: Path) -> None:
    divided = write(tmp_path / "other.py", divided=" / accumulate")

    def window(turns: int) -> list[dict[str, Any]]:
        return [{"divisors": (2.0,), "loops": (at * turns // 4, at)} for at in range(4)]

    assert codes(found(divided, *[window(2)] * 3)) == []
    assert codes(found(divided, *[window(1)] * 3)) == ["ZG502"]
    assert codes(found(divided, *[window(4)] * 3)) == ["ZG502"]


def test_shorter_windows_that_are_divided_by_the_full_number_are_a_note(tmp_path: Path) -> None:
    divided = write(tmp_path / "short.py", divided=" / accumulate")
    loss = {"divisors": (4.0,)}
    full, short = [loss] * 4, [loss] * 3
    (finding,) = found(divided, full, short, full, full, [loss] * 2)
    assert (finding.code, finding.level, finding.site.line) == ("ZG502", "note", 4)
    assert finding.message.startswith("2 of 5 windows had fewer than 4 micro-batches but were")
    assert finding.evidence.startswith("step 5 applied 2 micro-batches,")
    assert codes(found(divided, full, short, full)) == [], "once is no rule"
    third = [{"divisors": (3.0,)}] * 3
    assert codes(found(divided, full, third, full, full, third)) == [], "each by its own number"
    plain = [PLAIN] * 4
    assert codes(found(divided, plain, plain, plain, short, short)) == ["ZG501"]


def test_a_framework_that_divides_shorter_windows_knows_why(script: Path) -> None:
    full, short = [{"divisors": (4.0,)}] * 4, [{"divisors": (4.0,)}] * 3
    assert codes(found(script, full, short, full, full, short)) == []


def test_a_factor_below_one_divides_too(tmp_path: Path) -> None:
    divided = write(tmp_path / "short.py", divided=" / accumulate")
    for factors, told in (
        ((0.25,), ["ZG502"]),
        ((0.5,), []),
        ((4.0,), []),
        ((0.0,), []),
        ((), ["ZG501"]),
    ):
        loss = {"factors": factors}
        windows = [[loss] * size for size in (4, 3, 4, 4, 3)]
        assert codes(found(divided, *windows)) == told, factors


def targets(*counts: float, **more: Any) -> list[dict[str, Any]]:
    plain = {"reduction": "targets", "divisors": (2.0,), **more}
    return [{**plain, "count": count} for count in counts]


def test_means_over_different_numbers_of_targets_are_told(tmp_path: Path) -> None:
    divided = write(tmp_path / "unequal.py", divided=" / accumulate", often="2")
    wide, narrow, even = targets(100, 1000), targets(10, 12), targets(10, 10.4)
    (finding,) = found(divided, narrow, wide, even, even)
    assert (finding.code, finding.level, finding.site.line) == ("ZG503", None, 4)
    assert finding.message.startswith("micro-batches with different numbers of targets are")
    assert finding.evidence == "step 2 averaged 2 means over 100 to 1,000 targets alike"
    assert codes(found(divided, narrow, wide, even, even, even)) == [], "most are equal"
    assert codes(found(divided, wide, even, even)) == [], "once is no rule"


@pytest.mark.parametrize(
    "window",
    [
        targets(10, 0),
        targets(10, 20, reduction="sum"),
        [*targets(20), *targets(10, reduction="mean")],
        [*targets(10), *targets(20, factors=(2.0,))],
        [*targets(10), *targets(20, divisors=(1.0,))],
    ],
)
def test_what_is_weighted_or_not_known_is_no_mean_of_means(
    tmp_path: Path, window: list[dict[str, Any]]
) -> None:
    divided = write(tmp_path / "unequal.py", divided=" / accumulate", often="2")
    assert "ZG503" not in codes(found(divided, *[window] * 3))


def test_means_that_nothing_divides_are_judged_where_they_are_meant_as_one(script: Path) -> None:
    plain = [{"reduction": "targets", "count": count} for count in (10.0, 20.0)]
    assert "ZG503" in codes(found(script, *[plain] * 3))
    assert codes(found(script, *[plain] * 3, stepped=OUTSIDE)) == []
    assert "ZG503" in codes(found(script, *[plain] * 3, stepped={1: 20})), "the last counts"
    divided = targets(10, 20)
    assert "ZG503" in codes(found(script, *[divided] * 3, stepped=OUTSIDE))
    assert "ZG503" in codes(found(script, plain, plain, divided, stepped=OUTSIDE))


def test_means_that_are_weighted_alike_in_other_words_are_told(tmp_path: Path) -> None:
    divided = write(tmp_path / "unequal.py", divided=" / accumulate", often="2")
    window = [*targets(20), *targets(21, divisors=(), factors=(0.5,))]
    assert codes(found(divided, *[window] * 3)) == ["ZG503"]


def test_a_smaller_last_micro_batch_is_a_note(tmp_path: Path) -> None:
    divided = write(tmp_path / "last.py", divided=" / accumulate")

    def means(*counts: float) -> list[dict[str, Any]]:
        return [{"count": count, "divisors": (4.0,)} for count in counts]

    full, last = means(32, 32, 32, 32), means(32, 32, 32, 8)
    (finding,) = found(divided, full, full, last, full, full, last)
    assert (finding.code, finding.level) == ("ZG503", "note")
    assert finding.evidence == "step 3 averaged 4 means over 8 to 32 elements alike"
    for counts in ((32, 32, 8, 8), (32, 32, 32, 64), (8, 32, 32, 32), (32, 16, 16, 16)):
        other = means(*counts)
        assert codes(found(divided, full, full, last, other)) == [], other
    plain = write(tmp_path / "plain.py")
    assert codes(found(plain, full, full, last, last)) == []
    two = [{"count": count, "divisors": (2.0,)} for count in (32.0, 8.0)]
    assert codes(found(divided, *[two] * 3)) == ["ZG503"]


def test_what_an_epoch_leaves_over_is_told_and_not_its_scale(script: Path) -> None:
    """Epochs of six micro-batches, counted anew: a step after each fourth of them."""

    def epoch(number: int, *indexes: int) -> list[dict[str, Any]]:
        return [{"loops": (number, index)} for index in indexes]

    windows = [epoch(1, 0, 1, 2, 3)]
    windows += [[*epoch(one, 4, 5), *epoch(one + 1, 0, 1, 2, 3)] for one in (1, 2, 3)]
    (finding,) = found(script, *windows)
    assert finding.code == "ZG504"
    assert finding.evidence.startswith("step 4 applied 6 backward passes, 2 of them of the epoch")
