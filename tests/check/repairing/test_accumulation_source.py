"""What the text of a script says of an accumulation."""

from __future__ import annotations

from pathlib import Path

import pytest

from zgtui.check.repairing.accumulation_source import divides_by, divisor_at, is_meant, scales_rate
from zgtui.instrument.sites import Site


def sites(folder: Path, text: str, function: str = "<module>") -> tuple[Site, Site]:
    """Where ``text`` calls ``backward()`` and ``step()``."""
    file = folder / f"{abs(hash(text))}.py"
    file.write_text(text, encoding="utf-8")
    lines = text.splitlines()
    backward, step = (
        next(n for n, line in enumerate(lines, 1) if word in line)
        for word in (".backward()", "opt.step()")
    )
    return Site(str(file), backward, function), Site(str(file), step, "<module>")


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("loss /= accum; loss.backward()", "accum"),
        ("loss = f(x) / self.micro; loss.backward()", "self.micro"),
        ("(f(x) / (accum * 2)).backward()", "accum * 2"),
        ("(f(x) / (accum + world)).backward()", ""),
        ("(f(x) / 4).backward()", "4"),
        ("loss = loss / 4; loss.backward()", "4"),
        ("loss /= 4; loss.backward()", "4"),
        ("h = g(x) / 4\n    f(h).backward()", ""),
        ("(f(x) / len(xs)).backward()", "len(xs)"),
        ("loss = loss / len(xs)\n    loss.backward()", "len(xs)"),
        ("(f(x) / len(other)).backward()", ""),
        ("f(x).backward()", ""),
    ],
)
def test_what_a_loss_is_divided_by_for_the_accumulation(
    body: str, written: str, tmp_path: Path
) -> None:
    text = f"for i, x in enumerate(xs):\n    {body}\n    if i % 4 == 3:\n        opt.step()\n"
    assert divisor_at(*sites(tmp_path, text)) == written


@pytest.mark.parametrize(
    ("divisor", "written"), [("len(loader)", "len(loader)"), ("len(batch)", ""), ("7", "")]
)
def test_all_batches_of_the_loop_around_the_step_are_no_parts(
    divisor: str, written: str, tmp_path: Path
) -> None:
    inner = f"    for x in batch:\n        (f(x) / {divisor}).backward()\n"
    text = f"for batch in loader:\n{inner}    opt.step()\n"
    assert divisor_at(*sites(tmp_path, text)) == written


@pytest.mark.parametrize(
    ("head", "meant"),
    [
        ("for _ in range(4):", True),
        ("for i in range(n):", True),
        ("for i in range(n_tasks):", False),
        ("for micro_batch in parts:", True),
        ("for x in xs:", False),
        ("while more():", False),
    ],
)
def test_a_loop_inside_is_over_parts_where_it_says_so(
    head: str, *, meant: bool, tmp_path: Path
) -> None:
    inner = f"    {head}\n        f(y).backward()\n"
    assert is_meant(*sites(tmp_path, f"for y in ys:\n{inner}    opt.step()\n")) is meant
    called = (
        f"def go():\n    f(y).backward()\nfor y in ys:\n    {head}\n        go()\n    opt.step()\n"
    )
    assert is_meant(*sites(tmp_path, called, "go")) is meant


def test_without_a_loop_or_a_text_nothing_is_meant(tmp_path: Path) -> None:
    backward, step = sites(tmp_path, "f(x).backward()\nopt.step()\n")
    assert not is_meant(backward, step)
    assert divisor_at(backward, step) == ""
    gone = Site(str(tmp_path / "gone.py"), 1, "<module>")
    assert not is_meant(gone, gone)
    assert divisor_at(gone, gone) == ""
    assert not divides_by(gone.file, 4)
    assert not scales_rate([gone.file], 4)


@pytest.mark.parametrize(
    ("text", "scaled"),
    [
        ("lr = 0.1 / 4", True),
        ("lr = 0.25 * base", True),
        ("lr *= accum", True),
        ("lr += accum", False),
        ("opt = Adam(p, lr=0.1 / n_acc)", True),
        ("opt = optim.SGD(p, 0.1 / 4)", True),
        ("opt = optim.SGD(p, 0.1)", False),
        ("lr = 0.1 * 0.5 ** epoch", False),
        ("colour = 0.1 / 4", False),
    ],
)
def test_a_rate_that_is_scaled_by_the_number_of_parts(
    text: str, *, scaled: bool, tmp_path: Path
) -> None:
    file = tmp_path / "train.py"
    file.write_text(f"{text}\n", encoding="utf-8")
    assert scales_rate([str(file)], 4) is scaled
