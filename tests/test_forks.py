"""A process that is forked is to its program what one that is started is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.forks import POSSIBLE, Forks
from tests.support.processes import mentioning

pytestmark = [
    pytest.mark.skipif(not POSSIBLE, reason="orphans are handed on only by Linux"),
    pytest.mark.started,
]
SCRIPT = """\
import atexit, os, signal, subprocess, sys
print(sys.argv, __name__, globals().get("__file__"), sys.path, os.getcwd())
print(sorted(name for name in os.environ if name.startswith("OUR_")), sys.stdin.read())
print([name for name in ("torch", "zgtui", "pytest", "sitecustomize") if name in sys.modules])
print([signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGPIPE, signal.SIGINT)])
print(os.listdir("/proc/self/fd"))
if "train" in sys.argv:
    import torch, torch.nn as nn
    torch.manual_seed(0)
    print(nn.Linear(2, 1).bias, torch.get_num_threads(), torch.__file__)
    print("numpy" in sys.modules)
atexit.register(print, "at the end")
sys.stdout.flush()
subprocess.run([sys.executable, "-c", "print('below')"], check=True)
sys.stderr.write("to stderr\\n")
def fails():
    raise ValueError("as it should")
if len(sys.argv) > 2:
    sys.exit(int(sys.argv[2]))
fails()
"""


def told(folder: Path, *words: str) -> list[str]:
    """The exit code, and the lines that it wrote."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "OUR_OWN": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(folder)},
        input="from stdin",
        capture_output=True,
        text=True,
        check=False,
    )
    return [str(done.returncode), *done.stdout.splitlines(), *done.stderr.splitlines()]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["script.py", "train", "7"], id="script"),
        pytest.param(["-m", "script", "x"], id="module, traceback"),
        pytest.param(["-u", "-c", SCRIPT, "x", "0"], id="code"),
        pytest.param(["-I", "script.py", "x"], id="isolated, traceback"),
    ],
)
def test_a_fork_is_as_what_is_started(
    words: list[str], tmp_path: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "sitecustomize.py").write_text("print('a sitecustomize of theirs')\n")
    started = told(tmp_path, *words)
    forks.instead(monkeypatch)
    for one, other in zip(told(tmp_path, *words), started, strict=True):
        assert one == other
    assert "below at the end" in " ".join(started)


DRAWS = """\
import os, subprocess, sys
packages = ("textual", "rich", "plotext", "PIL")
def there():
    return sorted({root for root in packages for name in sys.modules if name.split(".")[0] == root})
print(there())
import rich
print(there())
import textual.app, textual.constants
values = textual.constants.MAX_FPS, textual.app.App().animation_level
print(there(), *values, textual.app.__name__, vars(textual)["app"].__name__)
import plotext
print(there(), plotext.__file__)
plotext.theirs = "changed"
sys.stdout.flush()
code = "import plotext, sys; print('theirs' in vars(plotext), 'textual.app' in sys.modules)"
subprocess.run([sys.executable, "-c", code], check=True)
"""


@pytest.mark.parametrize(
    ("variables", "values"),
    [
        pytest.param({}, "60 full", id="none"),
        pytest.param({"TEXTUAL_FPS": "7"}, "7 full", id="rate"),
        pytest.param({"TEXTUAL_ANIMATIONS": "none"}, "60 none", id="animations"),
        pytest.param({"TEXTUAL_FPS": "7", "TEXTUAL_ANIMATIONS": "basic"}, "7 basic", id="both"),
    ],
)
def test_what_draws_is_there_once_it_is_imported_and_as_its_variables_say(
    variables: dict[str, str],
    values: str,
    tmp_path: Path,
    forks: Forks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    started = told(tmp_path, "-c", DRAWS)
    assert started[0] == "0", started
    forks.instead(monkeypatch)
    assert told(tmp_path, "-c", DRAWS) == started
    assert f" {values} " in started[3]


@pytest.mark.parametrize(("rate", "again"), [(None, "False"), ("7", "True")])
def test_what_draws_is_imported_again_only_where_a_variable_changes_it(
    rate: str | None,
    again: str,
    tmp_path: Path,
    forks: Forks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if rate is not None:
        monkeypatch.setenv("TEXTUAL_FPS", rate)
    forks.instead(monkeypatch)
    # What was there before the fork is frozen, and not among these.
    code = "import gc, textual.app as app; print(any(one is app for one in gc.get_objects()))"
    assert told(tmp_path, "-c", code) == ["0", again]


def test_each_fork_draws_its_own_numbers(
    tmp_path: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    forks.instead(monkeypatch)
    code = "import random, numpy, torch; print(random.random(), numpy.random.rand(), torch.rand(1))"
    first, second = (told(tmp_path, "-c", code)[1].split() for _ in range(2))
    assert all(one != other for one, other in zip(first, second, strict=True)), (first, second)


def test_a_fork_can_be_seen_and_killed(
    tmp_path: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "stands_still.py"
    script.write_text("import time\nprint('there', flush=True)\ntime.sleep(1000)\n")
    forks.instead(monkeypatch)
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert os.getpgid(process.pid) == process.pid, "from the beginning"
        assert process.stdout is not None
        assert process.stdout.readline() == b"there\n"
        assert mentioning(script.name) == [process.pid]
        assert os.getsid(process.pid) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM
    assert not mentioning(script.name)
