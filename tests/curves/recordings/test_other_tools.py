"""What TensorBoard, Lightning, transformers, trackio and others keep, opened as it lies there."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.other_tools import write_events, write_trackio, write_trainer_state
from tests.support.tables import open_recording
from zgtui.curves.arrange import arrange
from zgtui.curves.recordings.opening import Opening, read_all, read_whole
from zgtui.curves.recordings.recording import Recording
from zgtui.errors import LogError, TableError
from zgtui.runlog.log import LogWriter
from zgtui.tables.export import convert

Points = dict[str, list[tuple[float, float]]]


def points(recording: Recording) -> Points:
    """Steps and losses of every curve."""
    return {
        name: [track.trace.point(at) for at in range(track.trace.count)]
        for name, track in recording.tracks.items()
    }


def opened(
    path: Path, *, wanted: Sequence[str] = (), runs: Sequence[str] = ()
) -> dict[str, Points]:
    """Everything at ``path``, by run."""
    opening = Opening([path], wanted=wanted, runs=runs)
    return {one.name: points(one) for one in read_all(opening)}


def drain(recording: Recording) -> Points:
    while recording.read():
        pass
    return points(recording)


@pytest.mark.parametrize("as_tensors", [False, True])
def test_a_folder_of_event_files_is_one_run_for_each_folder_in_it(
    tmp_path: Path, *, as_tensors: bool
) -> None:
    for run, loss in (("lr0.1", 0.5), ("sweep/lr0.2", 0.25)):
        scalars = [(0, {"train/loss": loss}), (1, {"acc": 0.9}), (2, {"train/loss": loss / 2})]
        write_events(tmp_path / "runs" / run, scalars, as_tensors=as_tensors)
    assert opened(tmp_path / "runs") == {
        "lr0.1": {"train/loss": [(0, 0.5), (2, 0.25)]},
        "sweep/lr0.2": {"train/loss": [(0, 0.25), (2, 0.125)]},
    }
    charts = arrange(read_all(Opening([tmp_path / "runs"])))
    assert [(chart.title, [curve.label for curve in chart.curves]) for chart in charts] == [
        ("train/loss", ["lr0.1", "sweep/lr0.2"])
    ]
    assert list(opened(tmp_path / "runs", runs=["lr0.2", "x*"])) == ["sweep/lr0.2"]
    assert opened(tmp_path / "runs", wanted=["acc"], runs=["lr0.1"])["lr0.1"]["acc"]


def test_followed_event_files_grow_and_new_runs_appear(tmp_path: Path) -> None:
    write_events(tmp_path / "a", [(1, {"loss": 1.0})])
    opening = Opening([tmp_path], follow=True)
    (first,) = opening.find()
    assert drain(first) == {"loss": [(1, 1.0)]}
    assert opening.find() == []
    write_events(tmp_path / "a", [(2, {"loss": 0.5})])  # resumed: a second file in the folder
    write_events(tmp_path / "b", [(1, {"loss": 3.0})])
    assert drain(first) == {"loss": [(1, 1.0), (2, 0.5)]}
    assert [one.name for one in opening.find()] == ["b"]


def test_an_event_file_that_ends_in_the_middle_of_an_event_is_read_up_to_it(
    tmp_path: Path,
) -> None:
    path = write_events(tmp_path, [(step, {"loss": 1.0}) for step in range(1, 6)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    recording = open_recording(path, follow=True)
    assert len(drain(recording)["loss"]) == 4
    path.write_bytes(whole)
    assert len(drain(recording)["loss"]) == 5


def test_texts_and_vectors_beside_the_scalars_are_no_curves(tmp_path: Path) -> None:
    others = {"note": "warm-up", "weights": [1.0, 2.0]}
    write_events(tmp_path, [(1, {"loss": 0.5, **others})], as_tensors=True)
    assert list(opened(tmp_path).values()) == [{"loss": [(1, 0.5)]}]


def test_an_event_file_of_another_program_is_told(tmp_path: Path) -> None:
    from tensorboard.summary.writer.record_writer import (  # noqa: PLC0415 - slow to import
        RecordWriter,
    )

    with (tmp_path / "events.out.tfevents.1").open("wb") as file:
        RecordWriter(file).write(b"\xff\xff")
    with pytest.raises(TableError, match=r"tfevents\.1 is not an event file of TensorBoard"):
        read_whole(tmp_path)


def test_an_event_file_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "events.out.tfevents.1").symlink_to("gone")
    with pytest.raises(TableError, match=r"cannot read .*tfevents\.1"):
        read_whole(tmp_path)


def test_what_reads_event_files_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_events(tmp_path, [(1, {"loss": 1.0})])
    for name in [name for name in sys.modules if name.startswith("tensorboard.backend.event")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(TableError, match=r"pip install 'zgtui\[tensorboard\]'"):
        read_whole(tmp_path)


LIGHTNING = """epoch,step,train_loss,val_acc,val_loss
0,9,0.9,,
0,19,0.8,,
0,19,,0.5,0.85
1,29,0.4,,
1,39,,0.75,0.5
"""


def test_lightning_logs_have_their_losses_on_some_rows_each(tmp_path: Path) -> None:
    for version in ("version_0", "version_1"):
        folder = tmp_path / "lightning_logs" / version
        folder.mkdir(parents=True)
        (folder / "metrics.csv").write_text(LIGHTNING)
        (folder / "hparams.yaml").write_text("lr: 0.1\n")
    found = opened(tmp_path / "lightning_logs")
    assert list(found) == ["version_0", "version_1"]
    assert found["version_1"] == {
        "train_loss": [(9, 0.9), (19, 0.8), (29, 0.4)],
        "val_loss": [(19, 0.85), (39, 0.5)],
    }
    chosen = opened(tmp_path / "lightning_logs", wanted=["val_*"])["version_0"]
    assert chosen["val_acc"] == [(19, 0.5), (39, 0.75)]


HISTORY = [
    {"epoch": 0.1, "step": 10, "loss": 2.5, "grad_norm": 1.0, "learning_rate": 5e-5},
    {"epoch": 0.1, "step": 10, "eval_loss": 2.25, "eval_runtime": 1.5},
    {"epoch": 0.2, "step": 20, "loss": 2.0, "grad_norm": 0.5, "learning_rate": 4e-5},
]


def test_a_trainers_state_is_read_from_its_newest_checkpoint(tmp_path: Path) -> None:
    write_trainer_state(tmp_path / "checkpoint-10" / "trainer_state.json", HISTORY[:2])
    recording = open_recording(tmp_path, follow=True)
    assert drain(recording) == {"loss": [(10, 2.5)], "eval_loss": [(10, 2.25)]}
    write_trainer_state(tmp_path / "checkpoint-20" / "trainer_state.json", HISTORY)
    assert drain(recording)["loss"] == [(10, 2.5), (20, 2.0)]
    # The summary at the end is the loss of no step.
    ending = {"epoch": 0.2, "step": 20, "train_loss": 2.25, "train_runtime": 9.0}
    write_trainer_state(tmp_path / "trainer_state.json", [*HISTORY, ending])
    expected = {"loss": [(10, 2.5), (20, 2.0)], "eval_loss": [(10, 2.25)]}
    assert drain(recording) == expected
    assert opened(tmp_path) == {tmp_path.name: expected}
    assert opened(tmp_path / "trainer_state.json") == {"": expected}
    assert recording.tracks["loss"].course.changes() == [(20, "lr 4e-05")]


def test_a_trainers_state_of_another_training_is_a_new_start(tmp_path: Path) -> None:
    path = write_trainer_state(tmp_path / "trainer_state.json", HISTORY)
    recording = open_recording(path, follow=True)
    drain(recording)
    path.write_text('{"log_hist')  # caught while it is written: nothing is lost meanwhile
    assert len(drain(recording)["loss"]) == 2
    write_trainer_state(path, [{"step": 5, "loss": 9.0}])
    assert drain(recording) == {"loss": [(5, 9.0)]}


def test_a_project_of_trackio_has_its_runs(tmp_path: Path) -> None:
    store = tmp_path / "demo.db"
    for run, loss in (("lr0.1", 1.0), ("lr0.2", 2.0)):
        write_trackio(store, run, [(0, {"train/loss": loss, "acc": 0}), (1, {"train/loss": 0.5})])
    assert opened(store) == {
        "lr0.1": {"train/loss": [(0, 1.0), (1, 0.5)]},
        "lr0.2": {"train/loss": [(0, 2.0), (1, 0.5)]},
    }
    assert opened(tmp_path) == opened(store)
    recording = Opening([store], follow=True, runs=["*2"]).find()[0]
    drain(recording)
    write_trackio(store, "lr0.2", [(2, {"train/loss": float("nan")})])
    assert len(drain(recording)["train/loss"]) == 3


def test_what_is_wrong_in_a_project_of_trackio_is_told(tmp_path: Path) -> None:
    store = write_trackio(tmp_path / "demo.db", "none", [])
    with pytest.raises(TableError, match="has no metrics yet: it is a trackio project without"):
        read_whole(store)
    write_trackio(store, "lr0.1", [(7, {"loss": 1.0})])
    with closing(sqlite3.connect(store)) as opened_store:
        opened_store.execute("UPDATE metrics SET metrics = '{'")
        opened_store.commit()
    with pytest.raises(TableError, match="step 7: the metrics are not JSON"):
        read_whole(store)


def test_json_lines_may_have_other_names_in_each(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    rows = [
        {"event": "start", "loss_fn": "mse"},
        {"step": 1, "lr": 0.1},
        {"step": 2, "train_loss": 0.5, "eval": {"loss": 0.75}},
        {"val_loss": 0.25},
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert opened(path) == {
        "": {"train_loss": [(2, 0.5)], "eval.loss": [(2, 0.75)], "val_loss": [(2, 0.25)]}
    }


def parquet(path: Path, columns: Mapping[str, Sequence[object]]) -> Path:
    from pyarrow import parquet as writer  # noqa: PLC0415 - slow to import
    from pyarrow import table  # noqa: PLC0415 - as above

    writer.write_table(table(dict(columns)), path)
    return path


def test_a_parquet_file_is_a_table_with_gaps(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "t.parquet",
        {"step": [1, 2, 3], "train_loss": [0.5, None, 0.25], "note": ["a", None, "b"]},
    )
    assert opened(path) == {"": {"train_loss": [(1, 0.5), (3, 0.25)]}}
    recording = open_recording(path, follow=True)
    drain(recording)
    path.write_bytes(path.read_bytes()[:-9])
    assert drain(recording) == {}  # without its end it holds nothing; it is waited for
    parquet(path, {"step": [1, 2, 3, 4], "train_loss": [1.0, 2.0, 3.0, 4.0]})
    assert len(drain(recording)["train_loss"]) == 4
    tidy: dict[str, Sequence[object]] = {
        "run": ["x", "y", "x"],
        "step": [1, 1, 2],
        "loss": [1.0, 2.0, 3.0],
    }
    assert opened(parquet(tmp_path / "tidy.parquet", tidy)) == {
        "": {"x": [(1, 1.0), (2, 3.0)], "y": [(1, 2.0)]}
    }


@pytest.mark.parametrize(
    "columns",
    [
        {"step": [1, 3, 2], "loss": [1.0, 2.0, 3.0]},
        {"step": [1, 2], "loss": [1.0, 2.0], "lr": [0.1, 0.05]},
        {"step": [1, 2], "loss": [1.0, 2.0], "zero_grad": [True, False]},
        {"step": range(1, 20_001), "loss": [1.0] * 20_000, "val_loss": [None] * 19_999 + [2.0]},
    ],
)
def test_a_parquet_file_is_read_as_the_same_rows_of_text(
    tmp_path: Path, columns: Mapping[str, Sequence[object]]
) -> None:
    rows = zip(*columns.values(), strict=True)
    lines = [",".join("" if cell is None else str(cell).lower() for cell in row) for row in rows]
    (tmp_path / "t.csv").write_text("\n".join([",".join(columns), *lines]))
    path = parquet(tmp_path / "t.parquet", columns)
    assert opened(path) == opened(tmp_path / "t.csv")
    changes = [
        [track.course.changes() for track in read_whole(one).tracks.values()]
        for one in (path, tmp_path / "t.csv")
    ]
    assert changes[0] == changes[1]


Losses = Sequence[float]


def write_table(folder: Path, losses: Losses) -> Path:
    rows = "".join(f"{step},{loss}\n" for step, loss in enumerate(losses, 1))
    (folder / "t.csv").write_text(f"step,loss\n{rows}")
    return folder / "t.csv"


def write_parquet(folder: Path, losses: Losses) -> Path:
    return parquet(folder / "t.parquet", {"step": range(1, len(losses) + 1), "loss": losses})


def write_state(folder: Path, losses: Losses) -> Path:
    entries = [{"step": step, "loss": loss} for step, loss in enumerate(losses, 1)]
    return write_trainer_state(folder / "trainer_state.json", entries)


def write_store(folder: Path, losses: Losses) -> Path:
    return write_trackio(folder / "t.db", "r", [(n, {"loss": x}) for n, x in enumerate(losses, 1)])


def write_event_folder(folder: Path, losses: Losses) -> Path:
    write_events(folder / "tb", [(step, {"loss": x}) for step, x in enumerate(losses, 1)])
    return folder / "tb"


def write_log(folder: Path, losses: Losses) -> Path:
    log = LogWriter(folder / "log", ["loss"])
    log.event("start", settings={})
    log.losses("loss", losses)
    log.close()
    return folder / "log"


WRITERS: Sequence[Callable[[Path, Losses], Path]] = (
    write_table,
    write_parquet,
    write_state,
    write_store,
    write_event_folder,
    write_log,
)


@pytest.mark.parametrize("write", WRITERS)
def test_what_is_gone_is_told_and_begins_anew_once_it_is_back(
    tmp_path: Path, write: Callable[[Path, Losses], Path]
) -> None:
    path = write(tmp_path, [1.0, 0.5])
    recording = open_recording(path, follow=True)
    assert drain(recording) == {"loss": [(1, 1.0), (2, 0.5)]}
    path.rename(tmp_path / "away")  # which keeps its place on the disk: what comes is another
    assert drain(recording) == {"loss": [(1, 1.0), (2, 0.5)]}
    assert recording.trouble == f"{path.name} is gone; waiting for it to come back"
    write(tmp_path, [3.0])
    assert drain(recording) == {"loss": [(1, 3.0)]}
    assert recording.trouble == ""


@pytest.mark.parametrize("write", WRITERS[:-1])
def test_what_goes_before_it_is_read_cannot_be_read(
    tmp_path: Path, write: Callable[[Path, Losses], Path]
) -> None:
    path = write(tmp_path, [1.0])
    recording = open_recording(path)
    shutil.move(path, tmp_path / "away")
    assert drain(recording) == {}
    with pytest.raises(TableError, match=f"cannot read .*{path.name}: no such file or directory"):
        recording.finish()


@pytest.mark.parametrize("write", WRITERS)
def test_how_much_of_a_long_run_is_read_is_known(
    tmp_path: Path, write: Callable[[Path, Losses], Path]
) -> None:
    recording = open_recording(write(tmp_path, [1 / 3] * 17_000))
    recording.read()
    shares = [recording.share]
    while recording.read():
        shares.append(recording.share)
    assert 0 < shares[0] < 1
    assert shares == sorted(shares)
    assert recording.share == 1


def test_event_files_in_the_place_of_others_are_a_new_start(tmp_path: Path) -> None:
    folder = write_event_folder(tmp_path, [1.0, 0.5])
    recording = open_recording(folder, follow=True)
    drain(recording)
    for file in folder.iterdir():
        file.rename(tmp_path / file.name)
    write_event_folder(tmp_path, [3.0])
    assert drain(recording) == {"loss": [(1, 3.0)]}


def test_a_pipe_is_no_table(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(TableError, match=r"t\.csv is neither a file nor a folder"):
        read_whole(tmp_path / "t.csv")


def test_runs_of_tables_are_chosen_by_their_column_or_their_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text("run,step,loss\nA,1,1\nB,1,2\n")
    recordings = read_all(Opening([tmp_path / "one.csv", tmp_path / "two.csv"]))

    def labels(runs: str) -> list[list[str]]:
        charts = arrange(recordings, runs=[runs])
        return [[f"{chart.title} {curve.label}" for curve in chart.curves] for chart in charts]

    assert labels("B") == [["B one.csv", "B two.csv"]]
    assert labels("tw*") == [["A two.csv"], ["B two.csv"]]
    with pytest.raises(TableError, match=r"no run is called C. Available: A, B"):
        labels("C")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("run-abc.wandb", b":W&B", "an offline run of W&B, whose format only W&B reads"),
        ("state.json", b'{"a": 1}', "not a trainer's state: it has no log_history"),
        ("x.parquet", b"PAR1", "is not a whole Parquet file"),
        ("events.out.tfevents.1", b"junk" * 20, "holds no losses|is empty|no event file"),
        ("store.db", b"SQLite format 3\x00" + b"\0" * 84, "cannot be read as a project of trackio"),
    ],
)
def test_what_cannot_be_opened_is_told_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=sentence):
        read_whole(tmp_path / name)


COMPRESSED = {
    "t.csv.gz": "step,loss\n1,0.5\n2,0.25",
    "t.TSV.GZ": "step\tloss\n1\t0.5\n2\t0.25\n",
    "t.jsonl.gz": '{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.25}\n',
}


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_compressed_table_is_opened_and_converted(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(COMPRESSED[name].encode()))
    assert opened(path) == {"": {"loss": [(1, 0.5), (2, 0.25)]}}
    for _ in convert(path, tmp_path / "made.csv"):
        pass
    assert (tmp_path / "made.csv").read_text() == "step,loss\n1,0.5\n2,0.25\n"
    with pytest.raises(TableError, match="is compressed, so nothing is added to it: leave out"):
        Opening([path], follow=True).find()


def test_a_long_compressed_table_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    rows = "".join(f"{at},{at / 7}\n" for at in range(100_000))
    # In two parts, as appending leaves it, and zeros, as a tape does.
    path.write_bytes(
        gzip.compress(f"step,loss\n{rows[:999]}".encode())
        + gzip.compress(rows[999:].encode())
        + b"\0" * 512
    )
    recording = Opening([path]).find()[0]
    assert recording.read()
    assert recording.share <= 1
    points = drain(recording)["loss"]
    assert len(points) == 100_000
    assert points[-1] == (99_999, 99_999 / 7)


def test_a_compressed_table_of_few_bytes_may_be_long(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"loss\n" + b"0.5\n" * 2**20))
    assert len(opened(path)[""]["loss"]) == 2**20


@pytest.mark.parametrize("cut", [1, 9, 30])
def test_a_compressed_table_that_is_cut_off_or_none_is_told(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "t.csv.gz"
    whole = gzip.compress(b"step,loss\n1,0.5\n2,0.25\n")
    for content in (whole[:-cut], b"step,loss\n1,0.5\n", whole[:12] + b"junk" * 9):
        path.write_bytes(content)
        with pytest.raises(TableError, match=r"t.csv.gz is not a whole file of gzip"):
            read_whole(path)


def test_decimal_commas_are_written_as_points(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("step;loss\n1;0,5\n2;1,25\n")
    for _ in convert(tmp_path / "t.csv", tmp_path / "made.csv"):
        pass
    assert (tmp_path / "made.csv").read_text() == "step,loss\n1,0.5\n2,1.25\n"


@pytest.mark.parametrize("named", [".", "wandb", "wandb/offline-run-20260301_101500-abc"])
def test_a_folder_of_offline_runs_of_wandb_names_their_format(tmp_path: Path, named: str) -> None:
    run = tmp_path / "wandb" / "offline-run-20260301_101500-abc"
    (run / "files").mkdir(parents=True)
    (run / "run-abc.wandb").write_bytes(b":W&B")
    with pytest.raises(LogError, match="holds offline runs of W&B, whose format only W&B reads"):
        read_whole(tmp_path / named)
    write_events(tmp_path / "lr1", [(1, {"loss": 1.0})])
    if named == ".":
        assert len(opened(tmp_path)) == 1, "what can be opened beside them is"


def test_a_folder_without_runs_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"tfevents.*metrics\.csv.*trainer_state\.json"):
        read_whole(tmp_path)
    write_events(tmp_path / "lr1", [(1, {"loss": 1.0})])
    with pytest.raises(TableError, match=r"no run is called x. Available: lr1"):
        opened(tmp_path, runs=["x"])
