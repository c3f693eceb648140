"""Changes to sources: as text, and as a diff that git takes."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from zgtui.check.findings import Finding
from zgtui.check.repairing.edits import Edit, diff, join, read_source
from zgtui.check.repairing.fixes import edits_of
from zgtui.check.repairing.repair import Repair
from zgtui.errors import UsageError
from zgtui.instrument.sites import Site

STEPS = "for x in xs:\n    loss(x).backward()\n    opt.step()\n"


def finding(code: str, file: Path, **lines: int) -> Finding:
    sites = {role: Site(str(file), line, "") for role, line in lines.items()}
    return Finding(code, "SGD", 1, "", "", sites["step"], 9, sites)


def fixed(code: str, file: Path, **lines: int) -> list[str]:
    """The texts that are tried, in their order."""
    source = read_source(str(file))
    return [edit.applied(source).text for edit in edits_of(finding(code, file, **lines))]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False], ids=["ends with a newline", "ends without"])
def test_git_applies_the_diff_from_the_working_folder(
    end: str, *, last: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "package").mkdir()
    file = tmp_path / "package" / "train.py"
    text = STEPS.replace("\n", end)
    file.write_bytes((text if last else text.rstrip()).encode())
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q", "."], check=True)
    source = read_source(str(file))
    (edit,) = edits_of(finding("ZG101", file, step=3))
    new = edit.applied(source)
    subprocess.run(["git", "apply", "-"], input=diff(source, new).encode(), check=True)
    assert file.read_bytes() == new.text.encode()
    assert new.text == f"{STEPS}    opt.zero_grad()\n".replace("\n", end)


def test_a_clearing_is_not_doubled(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(f"{STEPS}    opt.zero_grad()\n")
    assert fixed("ZG101", file, step=3) == []
    file.write_text("for x in xs:\n    opt.zero_grad()\n    loss(x).backward()\n    opt.step()\n")
    (moved,) = fixed("ZG202", file, clear=2, step=4)
    assert moved == f"{STEPS}    opt.zero_grad()\n"
    twice = "for x in xs:\n    opt.zero_grad()\n    loss(x).backward()\n    if x:\n"
    file.write_text(f"{twice}        opt.step()\n        opt.zero_grad()\n")
    assert [text.count("zero_grad") for text in fixed("ZG202", file, clear=2, step=5)] == [1]


def test_where_another_line_clears_too_taking_one_away_is_tried_first(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    inner = "    for y in x:\n        opt.zero_grad()\n        loss(y).backward()\n"
    file.write_text(f"for x in xs:\n    opt.zero_grad()\n{inner}    opt.step()\n")
    texts = fixed("ZG202", file, clear=4, step=6)
    assert [text.count("zero_grad") for text in texts] == [1, 2]


FORMS = {
    "for o in opts: o.step()": "for o in opts: o.step(); o.zero_grad()",
    "if last: opt.step()": "if last: opt.step(); opt.zero_grad()",
    "[o.step() for o in opts]": "[o.step() for o in opts]\nfor o in opts:\n    o.zero_grad()",
    "loss.backward(); opt.step()  # now": "loss.backward(); opt.step(); opt.zero_grad()  # now",
    "w -= w.grad\nb -= b.grad": "w -= w.grad\nb -= b.grad\nw.grad = None\nb.grad = None",
    "for p in ps: p.data -= r * p.grad": "for p in ps: p.data -= r * p.grad; p.grad = None",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_clearing_follows_a_step_however_it_is_written(form: str, tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(f"x = 'é'\n{form}\n")
    assert fixed("ZG101", file, step=2) == [f"x = 'é'\n{FORMS[form]}\n"]


@pytest.mark.parametrize(
    "form",
    [
        "opt.zero_grad()", "for p in ps: p.grad = None", "for p in ps:\n    p.grad.data.zero_()",
        "if x: opt.zero_grad(set_to_none=True)", "torch._foreach_zero_([p.grad for p in ps])",
        "for p in ps:\n    if p.grad is not None:\n        p.grad.zero_()",
        "for p in ps: del p.grad",
    ],
)  # fmt: skip
def test_a_clearing_is_moved_however_it_is_written(form: str, tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(f"loss.backward()\n{form}\nopt.step()\n")
    last = form.count("\n") + 2
    texts = fixed("ZG201", file, backward=1, clear=last, step=last + 1)
    assert texts[0] == "loss.backward()\nopt.step()\nopt.zero_grad()\n"


def test_a_clearing_between_others_on_its_line_is_taken_out(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text("a(); opt.zero_grad(); b.backward()\nopt.step()\n")
    assert fixed("ZG203", file, clear=1, step=2)[0] == "a(); b.backward()\nopt.step()\n"
    file.write_text("a(); opt.zero_grad()\nopt.step()\n")
    assert fixed("ZG203", file, clear=1, step=2)[0] == "a()\nopt.step()\n"
    file.write_text("def after(): opt.zero_grad()\nopt.step()\n")
    assert fixed("ZG203", file, clear=1, step=2)[0] == "def after(): pass\nopt.step()\n"


def test_a_leak_ends_with_a_clearing_before_the_own_backward(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text("g.backward()\nd.backward()\nopt_d.step()\n")
    assert fixed("ZG301", file, backward=1, step=3) == [
        "g.backward()\nopt_d.zero_grad()\nd.backward()\nopt_d.step()\n"
    ]
    file.write_text("d.backward()\ng.backward()\nopt_d.step()\n")
    assert fixed("ZG301", file, backward=2, step=3) == [
        "g.backward()\nopt_d.zero_grad()\nd.backward()\nopt_d.step()\n"
    ]


@pytest.mark.parametrize(
    ("code", "text", "lines"),
    [
        ("ZG101", "def f():\n    return opt.step()\n", {"step": 2}),
        ("ZG101", "loss.backward()\nengine.run()\n", {"step": 2}),
        ("ZG101", "opt.step(closure)\n", {"step": 1}),
        ("ZG101", "for\n", {"step": 1}),
        ("ZG201", "loss.backward()\nopt.step()\n", {"backward": 1, "step": 2}),
        ("ZG201", "clear_all()\nopt.step()\n", {"clear": 1, "step": 2}),
        ("ZG301", "g.backward()\nfor o in opts: o.step()\n", {"backward": 1, "step": 2}),
        ("ZG301", "g.backward()\nopt.step()\n", {"step": 2}),
    ],
)
def test_what_is_not_understood_is_left_as_it_is(
    code: str, text: str, lines: dict[str, int], tmp_path: Path
) -> None:
    file = tmp_path / "train.py"
    file.write_text(text)
    assert fixed(code, file, **lines) == []


def test_what_stands_between_others_on_a_line_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text("x = 1; g.backward()\nd.backward()\nopt_d.step()\n")
    assert fixed("ZG301", file, backward=1, step=3) == [
        "x = 1; g.backward()\nopt_d.zero_grad()\nd.backward()\nopt_d.step()\n"
    ]
    file.write_text("g.backward()\nx = 1; d.backward(); opt_d.step()\n")
    (told,) = fixed("ZG301", file, backward=1, step=2)
    assert "opt_d.zero_grad(); d.backward(); opt_d.step()" in told
    file.write_text("def clear():\n    opt.zero_grad()\nclear()\nb.backward()\nopt.step()\n")
    (removed, *_) = fixed("ZG203", file, clear=2, step=5)
    assert removed == "def clear():\n    pass\nclear()\nb.backward()\nopt.step()\n"


LOOP = "for i in range(4):\n    {}\nopt.step()\n"
SCALED = {
    "a call": ("f(x).backward()", "(f(x) / 4).backward()"),
    "a name": ("loss.backward()", "(loss / 4).backward()"),
    "a sum": ("(a + b).backward()", "((a + b) / 4).backward()"),
    "an argument": ("accelerator.backward(loss)", "accelerator.backward(loss / 4)"),
    "a sum as one": ("fabric.backward(a + b)", "fabric.backward((a + b) / 4)"),
    "what is scaled": ("scaler.scale(é).backward()", "scaler.scale(é / 4).backward()"),
    "two of them": ("a.backward(); b.backward()", None),
    "several lines": ("(a +\n     b).backward()", None),
}


def scaled(tmp_path: Path, code: str, text: str, *, twice: bool = False) -> list[str]:
    """The texts that are tried for the scale of an accumulation of four."""
    file = tmp_path / "train.py"
    file.write_text(text)
    lines = text.splitlines()
    at = {
        role: next(n for n, line in enumerate(lines, 1) if word in line)
        for role, word in (("backward", ".backward("), ("step", "opt.step"))
    }
    found = replace(finding(code, file, **at), micro_batches=4, divided_twice=twice)
    source = read_source(str(file))
    return [edit.applied(source).text for edit in edits_of(found)]


@pytest.mark.parametrize("form", SCALED)
def test_a_loss_is_divided_however_its_backward_is_called(form: str, tmp_path: Path) -> None:
    old, new = SCALED[form]
    expected = [] if new is None else [LOOP.format(new)]
    assert scaled(tmp_path, "ZG501", LOOP.format(old)) == expected


@pytest.mark.parametrize(
    ("count", "number"),
    [("n", "n"), ("self.n", "self.n"), ("n + 1", "(n + 1)"), ("len(parts)", "len(parts)")],
)
def test_a_loss_is_divided_by_the_number_as_the_script_writes_it(
    count: str, number: str, tmp_path: Path
) -> None:
    text = LOOP.replace("range(4)", f"range({count})")
    assert scaled(tmp_path, "ZG501", text.format("loss.backward()")) == [
        text.format(f"(loss / {number}).backward()")
    ]
    assert scaled(tmp_path, "ZG502", text.format("loss = f(x) / 3; loss.backward()")) == [
        text.format(f"loss = f(x) / {number}; loss.backward()")
    ]
    text = f"for i, x in enumerate(xs):\n    {{}}\n    if i % ({count}) == 0:\n        opt.step()\n"
    expected = number if "." in count or count == "n" else "4"
    tried = [text.format(f"(loss / {one}).backward()") for one in dict.fromkeys((expected, "4"))]
    assert scaled(tmp_path, "ZG501", text.format("loss.backward()")) == tried


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("loss = f(x) / 4; (loss / 4).backward()", "loss = f(x) / 4; loss.backward()"),
        ("loss = f(x) / 4; loss /= 4; loss.backward()", "loss = f(x) / 4; pass; loss.backward()"),
        (
            "loss = f(x) / 4\n    loss = loss / 4\n    loss.backward()",
            "loss = f(x) / 4\n    loss.backward()",
        ),
        ("loss = f(x); loss.backward()", None),
    ],
)
def test_the_second_of_two_divisions_goes(old: str, new: str | None, tmp_path: Path) -> None:
    expected = [] if new is None else [LOOP.format(new)]
    assert scaled(tmp_path, "ZG502", LOOP.format(old), twice=True) == expected


@pytest.mark.parametrize(
    ("head", "last"),
    [
        ("for i, x in enumerate(xs):", "i + 1 == len(xs)"),
        ("for i, (x, y) in enumerate(loader):", "i + 1 == len(loader)"),
        ("for i, x in enumerate(xs, 1):", None),
        ("for i, x in enumerate(zip(xs, ys)):", None),
        ("for i in enumerate(xs):", None),
        ("for x in xs:", None),
        ("while more():", None),
    ],
)
def test_the_last_batches_of_an_epoch_are_applied_where_they_are_counted(
    head: str, last: str | None, tmp_path: Path
) -> None:
    rest = "\n    f(x).backward()\n    if {}:\n        opt.step()\n"
    test = "(i + 1) % 4 == 0"
    expected = [] if last is None else [f"{head}{rest.format(f'{test} or {last}')}"]
    assert scaled(tmp_path, "ZG504", f"{head}{rest.format(test)}") == expected
    assert scaled(tmp_path, "ZG504", f"{head}{rest.format('now(i)')}") == []


def test_edits_of_one_file_are_joined_and_what_both_add_is_added_once() -> None:
    one, other = Edit("a.py", added={3: ("x",)}), Edit("a.py", {1: ""}, {3: ("x", "y")})
    assert join([one, other]) == {"a.py": Edit("a.py", {1: ""}, {3: ("x", "y")})}


def test_a_file_that_has_changed_since_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(STEPS)
    old = read_source(str(file))
    repair = Repair((old,), (Edit(str(file), added={2: ("    opt.zero_grad()",)}).applied(old),))
    file.write_text(STEPS + "# mine\n")
    with pytest.raises(UsageError, match="has changed since it was checked"):
        repair.write()
    assert file.read_text() == STEPS + "# mine\n"
    file.write_text(STEPS)
    repair.write()
    assert file.read_text() == STEPS + "    opt.zero_grad()\n"
