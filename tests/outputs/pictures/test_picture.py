"""Publication pictures: what is drawn, where to, and what is refused."""

from __future__ import annotations

import errno
import io
import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.tables import loss, tidy_rows, tidy_table
from zgtui.cli.main import main
from zgtui.curves.arrange import arrange
from zgtui.curves.recordings.opening import read_whole
from zgtui.errors import UsageError
from zgtui.outputs.pictures.figure import draw
from zgtui.outputs.pictures.picture import PictureRequest, check_picture, publish
from zgtui.runlog.log import LogWriter

MAGIC = {".png": b"\x89PNG\r\n", ".svg": b"<?xml", ".pdf": b"%PDF-"}


def figure_of(*paths: Path, until: float = math.inf, log: bool = False) -> list[dict[str, object]]:
    """Labels, points and styles of each axes."""
    figure = draw(arrange([read_whole(path) for path in paths]), until=until, log=log)
    return [
        {
            "x": axes.get_xlabel(),
            "y": axes.get_ylabel(),
            "scale": axes.get_yscale(),
            "lines": {
                str(line.get_label()): (
                    np.asarray(line.get_xdata(), float).tolist(),
                    np.asarray(line.get_ydata(), float).tolist(),
                )
                for line in axes.lines
                if not str(line.get_label()).startswith("_")
            },
            "looks": {
                (line.get_linestyle(), line.get_marker())
                for line in axes.lines
                if not str(line.get_label()).startswith("_")
            },
            "legend": [
                text.get_text() for legend in [axes.get_legend()] if legend for text in legend.texts
            ],
            "notes": [text.get_text() for text in axes.texts],
        }
        for axes in figure.axes
    ]


def test_every_format_is_written_by_one_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tidy_table(tmp_path / "t.csv", 40)
    files = {ending: tmp_path / f"picture{ending}" for ending in MAGIC}
    options = [word for ending, file in files.items() for word in (f"--{ending[1:]}", str(file))]
    assert main(["view", str(table), *options]) == 0
    for ending, magic in MAGIC.items():
        assert files[ending].read_bytes().startswith(magic)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "picture.pdf", "picture.png", "picture.svg", "t.csv",
    ]  # fmt: skip
    assert capsys.readouterr().out.count("drew ") == 3


def test_both_runs_stand_in_labelled_axes_exact_to_the_step(tmp_path: Path) -> None:
    (axes,) = figure_of(tidy_table(tmp_path / "t.csv", 40), until=25)
    assert (axes["x"], axes["y"], axes["scale"]) == ("step", "loss", "linear")
    lines = axes["lines"]
    assert isinstance(lines, dict)
    assert list(lines) == ["A: zero_grad() every step", "B: zero_grad() never"]
    steps = list(range(1, 26))
    for run, points in zip("AB", lines.values(), strict=True):
        assert points == (steps, [loss(run, step) for step in steps])
    assert axes["legend"] == list(lines)


def test_curves_differ_without_colour(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    names = [f"loss_{at}" for at in range(4)]
    path.write_text(f"step,{','.join(names)}\n" + "".join(f"{i},1,2,3,4\n" for i in range(9)))
    (axes,) = figure_of(path)
    looks = axes["looks"]
    assert isinstance(looks, set)
    assert len({style for style, _ in looks}) > 1
    assert len({symbol for _, symbol in looks}) == 4


def test_losses_of_other_sizes_and_other_quantities_have_their_own_axes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "step,loss_a,loss_b\n" + "".join(f"{i},{1 / i},{3.0**i}\n" for i in range(1, 30))
    )
    assert len(figure_of(path)) == 2
    path.write_text("epoch,accuracy,f1\n1,0.5,0.6\n2,0.6,0.7\n")
    assert [axes["y"] for axes in figure_of(path)] == ["accuracy", "f1"]


def test_changes_and_divergence_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    text = "run,step,epoch,loss,lr,zero_grad\n" + tidy_rows(range(1, 20), "B")
    text += tidy_rows(range(20, 31), "B", lr=0.5, cleared=True)
    path.write_text(text + "B,31,31,nan,0.5,true\n")
    (axes,) = figure_of(path)
    assert axes["notes"] == ["lr 0.5", "zero_grad every", "diverged"]


def test_a_log_scale_leaves_out_what_it_cannot_show(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("step,loss\n1,1\n2,0\n3,0.01\n")
    (axes,) = figure_of(path, log=True)
    assert axes["scale"] == "log"
    assert axes["lines"] == {"loss": ([1, 3], [1, 0.01])}


@pytest.mark.parametrize("losses", [["nan"], ["inf", "1e308", "-1e308"], ["5e-324", "0"], ["1"]])
@pytest.mark.parametrize("log", [False, True])
def test_hostile_losses_are_drawn(tmp_path: Path, losses: list[str], log: bool) -> None:  # noqa: FBT001 - a parameter
    path = tmp_path / "t.csv"
    path.write_text("step,loss\n" + "".join(f"{i},{x}\n" for i, x in enumerate(losses)))
    figure = draw(arrange([read_whole(path)]), log=log)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    assert picture.getvalue().startswith(MAGIC[".png"])


def test_a_picture_is_never_replaced_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tidy_table(tmp_path / "t.csv", 5)
    picture = tmp_path / "p.png"
    picture.write_text("mine")
    assert main(["view", str(table), "--png", str(picture)]) == 2
    assert picture.read_text() == "mine"
    assert "already exists" in capsys.readouterr().err
    assert main(["view", str(table), "--png", str(picture), "--overwrite"]) == 0
    assert picture.read_bytes().startswith(MAGIC[".png"])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--png", "p.svg"], "ends in .png, not 'p.svg'"),
        (["--png", "nowhere/p.png"], "there is no folder"),
        (["--png", "p.png", "--follow"], "cannot be combined with a picture"),
        (["--png", "p.png", "--series", "C"], "no curve is called 'C'"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    tidy_table(tmp_path / "t.csv", 5)
    assert main(["view", "t.csv", *options]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]


def drawn(draft: Path, _ending: str) -> None:
    draft.write_text("picture")


def no_links(*_: object) -> None:
    raise OSError(errno.EPERM, "no links here")


def test_a_file_system_without_links_takes_pictures_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_links)
    publish(tmp_path / "p.png", drawn, overwrite=False)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("p.png", "picture")]


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_while_it_is_drawn_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)

    def slowly(draft: Path, ending: str) -> None:
        drawn(draft, ending)
        (tmp_path / "p.png").write_text("mine")

    with pytest.raises(UsageError, match=r"p\.png already exists"):
        publish(tmp_path / "p.png", slowly, overwrite=False)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("p.png", "mine")]


def test_a_disk_that_is_full_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    def full(_draft: Path, _ending: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(UsageError, match=r"cannot write .*p\.png: no space left on device"):
        publish(tmp_path / "p.png", full, overwrite=True)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match=r"cannot write .*p\.png: no such file"):
        publish(tmp_path / "gone" / "p.png", drawn, overwrite=True)


def test_a_place_for_no_picture_is_told_before_it_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    for name, reason in [("folder", "it is a folder"), ("pipe", "it is a device or a pipe")]:
        with pytest.raises(UsageError, match=reason):
            check_picture(tmp_path / f"{name}.png", overwrite=True)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UsageError, match="no permission to write in the folder"):
        check_picture(tmp_path / "p.png", overwrite=True)


def test_a_process_of_its_own_draws_a_log_up_to_a_step(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path / "log", ("A", "B"))
    writer.event("start", settings={})
    for run in "AB":
        writer.losses(run, [loss(run, step) for step in range(1, 101)])
    writer.close()
    request = PictureRequest(
        sources=(str(tmp_path / "log"),), files=(str(tmp_path / "p.svg"),), until=60
    )
    assert PictureRequest.from_json(request.to_json()) == request
    done = subprocess.run(
        [sys.executable, "-m", "zgtui.outputs.pictures.picture"],
        input=request.to_json(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "p.svg").read_bytes().startswith(MAGIC[".svg"])


def test_missing_matplotlib_is_told_with_what_to_install(tmp_path: Path) -> None:
    table = tidy_table(tmp_path / "t.csv", 5)
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from zgtui.cli.main import main\n"
        f"sys.exit(main({json.dumps(['view', str(table), '--png', str(tmp_path / 'p.png')])}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'zgtui[plot]'" in done.stderr
    assert not (tmp_path / "p.png").exists()


def test_a_drawing_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    script = (
        "import signal, sys; from pathlib import Path\n"
        "from zgtui.outputs.pictures.picture import end_in_order, publish\n"
        "end_in_order()\n"
        "save = lambda draft, _ending: signal.raise_signal(signal.SIGTERM)\n"
        "publish(Path(sys.argv[1]), save, overwrite=False)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "p.png")], check=False)
    assert done.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
