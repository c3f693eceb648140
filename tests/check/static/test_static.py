"""Reading scripts without running them: advisory, and silent where the text does not tell."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.expectations import (
    CHECK,
    READ,
    STATIC,
    assert_expected,
    expectation_of,
    names_in,
)
from tests.support.processes import zgtui
from tests.support.script_runs import SCRIPTS
from zgtui.check.report import Report
from zgtui.check.static.file_reader import read_files
from zgtui.errors import UsageError

RIGHT = sorted((CHECK / "right").glob("*.py"))
WRONG = sorted((CHECK / "wrong").glob("*.py"))
HEAD = """import torch
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""


def read(tmp_path: Path, text: str) -> Report:
    path = tmp_path / "train.py"
    path.write_text(HEAD + text, encoding="utf-8")
    return read_files([str(path)])


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.name)
def test_right_scripts_read_clean(path: Path) -> None:
    assert codes(read_files([str(path)])) == []


@pytest.mark.parametrize("script", names_in(*READ))
def test_a_file_reads_as_its_first_line_says(script: str) -> None:
    expected = expectation_of(SCRIPTS / script)
    report = read_files([str(SCRIPTS / script)])
    assert_expected(report, expected)
    assert [finding.site.line for finding in report.findings] == [*filter(None, [expected.line])]


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.name)
def test_mistakes_of_running_scripts_are_found_or_left_alone_but_never_misnamed(path: Path) -> None:
    report = read_files([str(path)])
    named = {finding.code for finding in report.findings} - {"ZG001"}
    assert named <= expectation_of(path).told
    assert report.advisory


def test_most_mistakes_that_need_no_run_are_found() -> None:
    unseen = {
        "ZG000",
        "ZG106",
        "ZG107",
        "ZG203",
        "ZG301",
        "ZG401",
        "ZG501",
        "ZG502",
        "ZG503",
        "ZG504",
    }  # they hang on values, which no text has
    expected = {path: expectation_of(path).told for path in WRONG}
    seen = [path for path in WRONG if not expected[path] & unseen]
    missed = [path.name for path in seen if set(codes(read_files([str(path)]))) != expected[path]]
    assert missed == ["ZG102_weights_by_hand.py"]


@pytest.mark.parametrize(
    "body",
    [
        "    loss.backward()\n    optimizer.step()\n    helper(optimizer)\n",
        "    loss.backward()\n    optimizer.step(closure)\n",
        (
            "    loss.backward()\n    if last:\n        optimizer.step()\n    if last:\n"
            "        optimizer.zero_grad()\n"
        ),
        (
            "    if bad:\n        optimizer.zero_grad()\n        continue\n    loss.backward()\n"
            "    optimizer.step()\n    optimizer.zero_grad()\n"
        ),
        (
            "    if new:\n        optimizer.zero_grad(set_to_none=True)\n    else:\n"
            "        optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()\n"
        ),
        (
            "    loss.backward()\n    optimizer.step()\n    for p in model.parameters():\n"
            "        p.grad = None\n"
        ),
    ],
)
def test_what_the_text_does_not_tell_is_no_mistake(body: str, tmp_path: Path) -> None:
    report = read(tmp_path, f"for batch in data:\n    loss = f(batch)\n{body}")
    assert set(codes(report)) <= {"ZG001"}
    assert report.verdict == "pass"


SHAPES = {
    "try": """
for x in data:
    try:
        CLEAR
        model(x).backward()
    except ArithmeticError:
        pass
    finally:
        optimizer.step()
""",
    "while": """
while CLEAR or more():
    model(x).backward()
    optimizer.step()
""",
    "match": """
for x in data:
    match mode:
        case "one":
            CLEAR
        case _:
            CLEAR
    model(x).backward()
    optimizer.step()
""",
    "one of two expressions": """
for x in data:
    CLEAR if first else CLEAR
    model(x).backward()
    optimizer.step()
""",
    "what may end it": """
for x in data:
    CLEAR
    model(x).backward()
    if ended(x):
        break
    elif bad(x):
        raise ValueError
    elif hopeless(x):
        sys.exit()
    optimizer.step()
""",
    "a closure without a name": """
def evaluate(x):
    CLEAR
    model(x).backward()

for x in data:
    optimizer.step(lambda: evaluate(x))
""",
    "a method as a closure": """
class Trainer:
    def __init__(self):
        self.optimizer = torch.optim.SGD(model.parameters())

    def closure(self):
        self.CLEAR
        model(self.x).backward()

    def fit(self):
        for self.x in data:
            self.optimizer.step(self.closure)
""",
    "arguments with names": """
def train_step(x, *, optimizer):
    CLEAR
    model(x).backward()
    optimizer.step()

mine = torch.optim.SGD(model.parameters())
for x in data:
    train_step(x, optimizer=mine)
""",
    "a function that calls itself": """
def train_step(x):
    train_step(x)
    CLEAR
    model(x).backward()
    optimizer.step()

for x in data:
    train_step(x)
""",
    "the optimizers of a tuple": """
second = torch.optim.SGD(other.parameters())
for x in data:
    for one in (optimizer, second):
        one.CLEAR
    loss(x).backward()
    for one in [optimizer, second]:
        one.step()
""",
    "the optimizers of a dictionary": """
optimizers = {"g": torch.optim.SGD(net.parameters()), "d": torch.optim.SGD(other.parameters())}
for x in data:
    for name, one in optimizers.items():
        one.CLEAR
    loss(x).backward()
    for one in reversed(list(optimizers.values())):
        one.step()
""",
    "a closure with a loop": """
for x in data:
    def closure():
        CLEAR
        for y in x:
            model(y).backward()
    optimizer.step(closure)
""",
    "a closure under a condition": """
for x in data:
    def closure():
        CLEAR
        if first:
            model(x).backward()
        else:
            if second:
                model(2 * x).backward()
            else:
                model(3 * x).backward()
    if more:
        optimizer.step(closure)
    else:
        optimizer.step(closure)
""",
    "what returns from a loop inside": """
def train():
    for x in data:
        CLEAR
        for y in x:
            if bad(y):
                return
            model(y).backward()
        optimizer.step()

train()
""",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_loop_is_followed_whatever_shape_it_has(shape: str, tmp_path: Path) -> None:
    text = SHAPES[shape]
    for told, expected in (("zero_grad()", []), ("state_dict()", ["ZG101"])):
        whole = text.replace("one.CLEAR", f"one.{told}").replace("CLEAR", f"optimizer.{told}")
        assert codes(read(tmp_path, whole)) == expected


OWNERS = {
    "an optimizer of all, and more": ("both", "first", []),
    "an optimizer of a part": ("first", "both", ["ZG102"]),
    "an optimizer of others": ("second", "first", ["ZG101"]),
    "the module around": ("net", "first", []),
    "one of two modules": ("net.encoder", "both", ["ZG102"]),
    "a part of the module": ("net.encoder", "whole", ["ZG102"]),
    "a module that holds some of it": ("net", "more", ["ZG102"]),
    "another module": ("teacher", "whole", ["ZG101"]),
    "a copy of the module": ("copied", "whole", ["ZG101"]),
    "a module that wraps it": ("parallel", "whole", []),
    "what wraps the optimizer": ("wrapped", "whole", []),
    "what wraps that": ("trainer", "whole", []),
    "an optimizer of that name elsewhere": ("self.whole_optimizer", "other.whole_optimizer", []),
    "another of a list": ("optimizers[0]", "optimizers[1]", ["ZG101"]),
    "the same of a list": ("optimizers[0]", "optimizers[0]", []),
    "one of a list, which is not known": ("optimizers[at]", "optimizers[n]", []),
    "one of a list from elsewhere": ("their_optimizers[0]", "whole", []),
    "what a function returns": ("find(x)", "whole", []),
}
MAKES = """
import copy
net, teacher = Net(), Net()
copied = copy.deepcopy(net)
parallel = DataParallel(net)
first = torch.optim.SGD(net.encoder.parameters())
second = torch.optim.SGD(net.decoder.parameters())
both = torch.optim.SGD([*net.encoder.parameters(), *net.decoder.parameters()])
more = torch.optim.SGD([*net.encoder.parameters(), *model.parameters()])
whole = torch.optim.SGD(net.parameters())
wrapped = prepare(whole)
trainer = Trainer(wrapped)
optimizers = [torch.optim.SGD(one.parameters()) for one in models]
"""


@pytest.mark.parametrize("what", OWNERS)
def test_it_is_known_whose_gradients_are_cleared(what: str, tmp_path: Path) -> None:
    cleared, stepped, expected = OWNERS[what]
    loop = f"for x in data:\n    {cleared}.zero_grad()\n    loss(x).backward()\n"
    assert codes(read(tmp_path, f"{MAKES}{loop}    {stepped}.step()\n")) == expected


@pytest.mark.parametrize(
    "over",
    [
        "p in model.parameters()",
        "name, p in model.named_parameters()",
        "n, p in enumerate(model.parameters())",
        "p in list(reversed(tuple(model.parameters())))",
    ],
)
def test_parameters_are_cleared_one_by_one(over: str, tmp_path: Path) -> None:
    loop = f"for x in data:\n    for {over}:\n        p.grad = {{}}\n"
    rest = "    model(x).backward()\n    optimizer.step()\n"
    assert codes(read(tmp_path, loop.format("None") + rest)) == []
    assert set(codes(read(tmp_path, loop.format("2 * p.grad") + rest))) <= {"ZG001"}


def test_calls_that_are_nested_too_deep_are_not_followed(tmp_path: Path) -> None:
    called = "".join(f"def f{n}(x):\n    f{n - 1}(x)\n" for n in range(1, 30))
    text = f"def f0(x):\n    model(x).backward()\n{called}for x in data:\n    f29(x)\n"
    assert set(codes(read(tmp_path, f"{text}    optimizer.step()\n"))) <= {"ZG001"}


EACH = "    for p in model.parameters():\n"
OTHER_NAMES = [
    f"{EACH}        g = p.grad\n        g.zero_()\n",
    f"{EACH}        g: Tensor = p.grad.view(-1)\n        g[::2].zero_()\n        g[1::2] = 0\n",
    f"{EACH}        p.grad.view(-1)[:].fill_(0.0)\n",
    f"{EACH}        g = p.grad\n        g *= 0\n",
    f"{EACH}        torch.zero_(g) if (g := p.grad) is not None else None\n",
    "    grads = [p.grad for p in model.parameters()]\n    for g in grads:\n        g.mul_(0)\n",
    "    torch._foreach_zero_([p.grad for p in model.parameters()])\n",
    f"    grads = []\n{EACH}        grads.append(p.grad)\n    torch._foreach_zero_(grads)\n",
    "    w, b = model.weight.grad, model.bias.grad\n    w.zero_(); b.zero_()\n",
]
LOOKS_ALONE = [
    f"{EACH}        g = p.grad\n        print(g.norm())\n",
    f"{EACH}        g = p.grad\n        g.clamp_(-1, 1)\n",
    "    grads = torch.autograd.grad(loss(x), inputs)\n    hidden.zero_()\n",
    "    counts[:] = 0\n    counts *= 0\n    state.append(x)\n    print(model.weight.grad)\n",
]


@pytest.mark.parametrize("body", OTHER_NAMES)
def test_gradients_may_be_cleared_by_another_name(body: str, tmp_path: Path) -> None:
    loop = f"for x in data:\n    loss(x).backward()\n    optimizer.step()\n{body}"
    (note,) = read(tmp_path, loop).findings
    assert note.code == "ZG001"
    assert re.fullmatch(r"line \d+ fills with zeros what may be its gradients", note.message)


@pytest.mark.parametrize("body", LOOKS_ALONE)
def test_what_only_looks_at_gradients_by_another_name_clears_none(
    body: str, tmp_path: Path
) -> None:
    loop = f"for x in data:\n    loss(x).backward()\n    optimizer.step()\n{body}"
    assert codes(read(tmp_path, loop)) == ["ZG101"]


def test_a_buffer_that_is_lent_to_gradients_clears_them(tmp_path: Path) -> None:
    lent = "flat = torch.zeros(3)\nmodel.weight.grad = flat[:2].view(1, 2)\n"
    loop = "for x in data:\n    loss(x).backward()\n    optimizer.step()\n    flat.zero_()\n"
    assert codes(read(tmp_path, lent + loop)) == ["ZG001"]


def test_a_loop_that_is_given_up_on_is_said_with_its_reason(tmp_path: Path) -> None:
    text = "for x in data:\n    model(x).backward()\n    helper(optimizer)\n    optimizer.step()\n"
    (note,) = read(tmp_path, text).findings
    assert (note.code, note.severity, note.site.line) == ("ZG001", "note", 7)
    assert "helper(), defined elsewhere, is given optimizer" in note.message


def test_more_branches_than_can_be_followed_are_said(tmp_path: Path) -> None:
    branches = "".join(f"    if flag{n}: model(x).backward()\n" for n in range(9))
    (note,) = read(tmp_path, f"for x in data:\n{branches}    optimizer.step()\n").findings
    assert "too many paths" in note.message


def test_a_comment_silences(tmp_path: Path) -> None:
    text = "for x in data:\n    model(x).backward()\n    optimizer.step()"
    assert codes(read(tmp_path, text)) == ["ZG101"]
    assert codes(read(tmp_path, f"{text}  # zgtui: ignore")) == []
    other = tmp_path / "b"
    other.mkdir()
    assert codes(read(other, f"{text}  # zgtui: ignore[ZG201]")) == ["ZG101"]


def test_the_fix_repairs_the_script(tmp_path: Path) -> None:
    text = (
        "for x in data:\n    optimizer.zero_grad()\n    for y in x:\n        model(y).backward()\n"
    )
    (finding,) = read(tmp_path, f"{text}        optimizer.step()\n").findings
    assert "+        optimizer.zero_grad()" in finding.fix


@pytest.mark.parametrize(
    "path", sorted((STATIC / "wrong").glob("*.py")), ids=lambda path: path.name
)
def test_a_fix_that_is_shown_leaves_nothing_wrong(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    for finding in read_files([path.name]).findings:
        if finding.fix:
            subprocess.run(["git", "apply"], input=finding.fix, text=True, check=True, timeout=60)
            assert codes(read_files([path.name])) == []


def test_a_clearing_that_stands_after_the_step_is_not_doubled() -> None:
    path = STATIC / "wrong" / "accumulation_cleared_first.py"
    (finding,) = read_files([str(path)]).findings
    assert "+" not in "".join(line[0] for line in finding.fix.splitlines()[2:])


def test_a_training_file_that_is_not_python_is_inconclusive(tmp_path: Path) -> None:
    assert read(tmp_path, "for\nloss.backward()\noptimizer.step()\n").verdict == "inconclusive"


def test_what_cannot_be_read_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"# caf\xe9\n")
    for name, reason in [
        ("none.py", "No such file or directory"),
        (".", "Is a directory"),
        ("latin.py", "it is not UTF-8 text"),
    ]:
        with pytest.raises(UsageError, match=f"{name}.*: {reason}$"):
            read_files([f"{tmp_path}/{name}"])


def test_the_command_reads_several_files_without_torch(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise RuntimeError('nothing is to be run')\n")
    wrong, right = CHECK / "wrong" / "ZG201_between.py", RIGHT[0]
    code, out, err = zgtui("check", "--static", str(wrong), str(right), cwd=tmp_path)
    assert (code, err) == (1, "")
    assert "ZG201" in out
    assert "advisory" in out
    assert zgtui("check", "--static", str(right))[0] == 0
