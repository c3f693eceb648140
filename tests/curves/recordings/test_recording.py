"""Tables and logs read piece by piece: whole, growing, replaced, gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.tables import (
    TIDY_HEADER,
    loss,
    open_recording,
    read_table,
    tidy_rows,
    tidy_table,
)
from zgtui.curves.arrange import TrackUpTo
from zgtui.curves.recordings.opening import read_whole
from zgtui.curves.recordings.recording import Recording
from zgtui.errors import LogError, TableError
from zgtui.runlog.log import LogWriter
from zgtui.tables.export import convert


def drain(recording: Recording) -> None:
    while recording.read():
        pass


def runs(recording: Recording) -> list[str]:
    return list(recording.tracks)


def shown(recording: Recording, name: str, limit: float = 1e18) -> TrackUpTo:
    one = TrackUpTo(recording, recording.tracks[name])
    one.limit = limit
    return one


def newest(one: TrackUpTo) -> list[float]:
    return list(one.last or ())


def test_a_table_gives_its_runs_with_rate_and_policy(tmp_path: Path) -> None:
    recording = read_whole(tidy_table(tmp_path / "t.csv", 3000))
    assert list(recording.tracks) == ["A", "B"]
    a, b = shown(recording, "A"), shown(recording, "B", 1500)
    assert newest(a) == [3000, loss("A", 3000)]
    assert newest(b) == [1500, loss("B", 1500)]
    assert (a.lr, str(a.clearing), str(b.clearing)) == (0.1, "every", "never")
    assert recording.share == 1


def test_a_replay_tells_the_state_of_the_steps_shown(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    losses = [1.0 / step for step in range(1, 51)] + [0.0] * 30 + [float("nan")] * 5
    path.write_text("step,loss\n" + "".join(f"{10 * i},{x}\n" for i, x in enumerate(losses, 1)))
    one = shown(read_whole(path), "loss")
    told = []
    for limit in (10_000, 500, 800, 810, 200):
        one.limit = limit
        trend = one.trend()
        assert trend is not None
        told.append((trend.state, trend.since))
    assert told == [
        ("diverged", 810),
        ("training", None),
        ("converged", 510),
        ("diverged", 810),
        ("training", None),
    ]


def test_a_growing_table_waits_for_the_end_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("")
    recording = open_recording(path, follow=True)
    drain(recording)
    assert runs(recording) == []
    with path.open("a") as file:
        for text in ("run,step,lo", "ss\nA,1,0.5\nA,2,0.", "25\nB,1,"):
            file.write(text)
            file.flush()
            drain(recording)
        assert runs(recording) == ["A"]
        assert newest(shown(recording, "A")) == [2, 0.25]
        file.write("7\n")
    drain(recording)
    assert newest(shown(recording, "B")) == [1, 7]


@pytest.mark.parametrize("in_place", [True, False])
def test_a_table_that_is_replaced_starts_again(tmp_path: Path, in_place: bool) -> None:  # noqa: FBT001 - a parameter
    path = tidy_table(tmp_path / "t.csv", 50)
    recording = open_recording(path, follow=True)
    drain(recording)
    # As long as before or longer: only what stands in it tells that it is another.
    target = path if in_place else tmp_path / "new.csv"
    target.write_text(TIDY_HEADER + tidy_rows(range(1, 151), "B"))
    target.replace(path)
    drain(recording)
    assert runs(recording) == ["B"]
    assert shown(recording, "B").count == 150


def test_a_table_that_is_gone_is_told_and_waited_for(tmp_path: Path) -> None:
    path = tidy_table(tmp_path / "t.csv", 5)
    recording = open_recording(path, follow=True)
    drain(recording)
    path.unlink()
    drain(recording)
    assert "t.csv is gone" in recording.trouble, recording.trouble
    assert shown(recording, "A").count == 5
    tidy_table(path, 8)
    drain(recording)
    assert recording.trouble == ""
    assert shown(recording, "A").count == 8


def test_the_sidecar_tells_a_wide_table_of_its_runs(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("step,epoch,loss_a,loss_b\n" + "".join(f"{i},{i},1,2\n" for i in range(1, 9)))
    settings = {"a": {"clear": "every", "lr": 0.1}, "b": {"clear": "4", "lr": 0.2}}
    change = {"event": "set_lr", "run": "B", "step": 5, "lr": 0.4}
    told = {"table": "t.csv", "settings": settings, "changes": [change], "full_batch": True}
    told |= {"steps_per_epoch": 4, "samples_per_step": 32}
    path.with_suffix(".json").write_text(json.dumps(told))
    recording = read_whole(path)
    b = shown(recording, "B")
    assert (str(b.clearing), b.lr, b.changes) == ("4", 0.4, [(5, "lr 0.4")])
    assert recording.full_batch
    assert (recording.steps_per_epoch, recording.samples_per_step) == (4, 32)
    path.with_suffix(".json").write_text(json.dumps({**told, "table": "other.csv"}))
    assert shown(read_whole(path), "B").clearing is None


def test_a_log_is_read_with_its_changes_and_followed(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    writer = LogWriter(folder, ("A", "B"))
    settings = {"a": {"clear": "every", "lr": 0.1}, "b": {"clear": "never", "lr": 0.1}}
    writer.event("start", settings=settings, full_batch=True)
    writer.losses("A", [1.0, 0.5])
    writer.losses("B", [1.0])
    writer.event("set_clearing", run="B", clear="every", step=2)
    recording = open_recording(folder, follow=True)
    drain(recording)
    writer.losses("B", [2.0, 3.0])
    writer.event("set_lr", run="B", lr=0.5, step=3)
    writer.close()
    drain(recording)
    b = shown(recording, "B")
    assert newest(b) == [3, 3.0]
    assert b.changes == [(2, "zero_grad every"), (3, "lr 0.5")]
    assert newest(shown(recording, "A")) == [2, 0.5]
    assert recording.full_batch


def test_what_is_neither_table_nor_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"not a run log: it has no events\.jsonl"):
        open_recording(tmp_path)
    with pytest.raises(TableError, match="there is no file"):
        open_recording(tmp_path / "nope.csv")
    LogWriter(tmp_path / "log", ("A",)).close()
    with pytest.raises(LogError, match="holds no losses yet"):
        read_whole(tmp_path / "log")
    (tmp_path / "head.csv").write_text("step,loss\n")
    with pytest.raises(TableError, match="holds no losses yet"):
        read_whole(tmp_path / "head.csv")


def test_a_cell_in_quotes_may_span_lines_but_must_end(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('step,loss,note\n1,0.5,"two\nlines, one cell"\n2,0.25,\n')
    assert read_table(path).series["loss"].losses.tolist() == [0.5, 0.25]
    path.write_text('step,loss,note\n1,0.5,"never closed\n2,0.25,\n')
    with pytest.raises(TableError, match="line 2: a quote is not closed"):
        read_table(path)


@pytest.mark.parametrize("ending", [".tsv", ".jsonl", ".md", ".csv"])
def test_a_table_is_written_in_another_format(tmp_path: Path, ending: str) -> None:
    source = tmp_path / "t.csv"
    source.write_text("epoch,loss,ok,note\n1,0.1,true,a b\n2,inf,false,\n3,,true,007\n")
    target = tmp_path / f"copy{ending}"
    for _ in convert(source, target):
        assert not target.exists() or target.stat().st_size
    assert read_table(target) == read_table(source)
    if ending == ".jsonl":
        rows = [json.loads(line) for line in target.read_text().splitlines()]
        assert rows[0] == {"epoch": 1, "loss": 0.1, "ok": True, "note": "a b"}
        assert rows[1] == {"epoch": 2, "loss": "inf", "ok": False, "note": None}
        assert rows[2]["note"] == "007"
    with pytest.raises(TableError, match="already exists"):
        convert(source, target)


def test_a_conversion_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    source = tmp_path / "t.csv"
    source.write_text("epoch,loss\n1,0.1\n2\n")
    with pytest.raises(TableError, match="a row of 1 cell below"):
        list(convert(source, tmp_path / "copy.md"))
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]
    with pytest.raises(TableError, match="is the table that is shown"):
        convert(source, source, overwrite=True)


def test_a_long_table_that_is_followed_is_exact_to_the_step(tmp_path: Path) -> None:
    count = 200_000
    losses = [((step * 7919) % 10_007) / 10_007 for step in range(1, count + 1)]
    table = tmp_path / "long.csv"
    lines = "".join(f"{step},{loss!r}\n" for step, loss in enumerate(losses, 1))
    table.write_text(f"step,loss\n{lines}", encoding="utf-8")
    recording = open_recording(table, follow=True)
    while recording.read():
        pass
    (track,) = recording.tracks.values()
    assert track.trace.exact
    for start in (1, 77_000, count - 40):
        steps = list(range(start, start + 41))
        assert track.trace.points(100, start, start + 40) == (steps, losses[start - 1 : start + 40])
