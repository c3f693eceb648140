"""A real training process does what it is told, and every loss is in its log."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
import torch
from torch import nn

from tests.support.training import compare, train
from tests.support.worker_process import ENDLESS, Trainer, article, events, losses
from zgtui.config.settings import EVERY, NEVER, RUNS, Clearing
from zgtui.runlog.events import Sampled
from zgtui.runlog.log import MOMENTUM_TWIN, read_events
from zgtui.runlog.sessions import WORKER_LOG, is_held
from zgtui.worker.protocol import (
    Ack,
    AtLine,
    ComparisonStarted,
    MapMade,
    MapStability,
    Progress,
    Ready,
    SetClearing,
    SetLimit,
    SetLr,
    SetRunning,
    SetSpeed,
    Start,
    StepBack,
    StepTo,
    Sync,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trainer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trainer]:
    """One process for all tests here; each starts a comparison of its own."""
    worker = Trainer(tmp_path_factory.mktemp("sessions") / "one")
    await worker.first(Ready)
    yield worker
    await worker.client.stop()


async def test_the_first_word_is_ready_with_the_devices(trainer: Trainer) -> None:
    ready = trainer.notices[0] if trainer.notices else None
    assert isinstance(ready, Ready)
    assert ready.torch == torch.__version__
    assert "cpu" in ready.devices


async def test_a_command_before_any_start_is_refused_with_a_sentence(trainer: Trainer) -> None:
    assert not trainer.heard(ComparisonStarted), "this test comes before any start"
    ack = await trainer.ask(SetRunning(running=True))
    assert ack.error == "nothing is being trained yet: the first command must be a start"


async def test_notices_come_in_order_started_first_finished_last(trainer: Trainer) -> None:
    started = await trainer.begin(article(steps=20))
    await trainer.reach(20)
    kinds = [type(notice) for notice in trainer.notices]
    assert kinds[:2] == [ComparisonStarted, Ack]
    told = trainer.heard(Progress)
    assert [notice.step for notice in told] == sorted(notice.step for notice in told)
    assert (told[-1].step, told[-1].running, told[-1].finished) == (20, False, True)
    assert started.optimizer == "SGD"
    assert started.full_batch
    assert started.same_init
    assert started.settings.a.lr == started.settings.b.lr == 0.1


async def test_every_loss_is_in_the_log_as_the_engine_makes_it(trainer: Trainer) -> None:
    started = await trainer.begin(replace(article(steps=200), experiment="article-exact"))
    await trainer.reach(200)
    expected = train(compare("article-exact"), 200)
    assert {run: losses(started, run) for run in RUNS} == expected


async def test_in_slow_motion_it_tells_each_line_of_a_step_and_one_step_is_done_at_once(
    trainer: Trainer,
) -> None:
    started = await trainer.begin(replace(article(), speed=0.001))
    await trainer.reach(1)
    lines = [(at.run, at.step, at.line) for at in trainer.heard(AtLine)]
    assert lines == [*(("A", 1, n) for n in range(6)), *(("B", 1, n) for n in (0, 2, 3, 4, 5))]
    # At this speed the next step is not due before the test's patience ends.
    await trainer.ask(StepTo(2))
    await trainer.reach(2)
    assert len(trainer.heard(AtLine)) == len(lines)
    assert {run: losses(started, run) for run in RUNS} == train(compare("article"), 2)


async def test_the_log_tells_its_settings_its_changes_and_its_samples(trainer: Trainer) -> None:
    started = await trainer.begin(running=False)
    await trainer.ask(StepTo(3))
    await trainer.reach(3)
    await trainer.ask(SetLr("A", 0.5))
    await trainer.ask(SetClearing("B", Clearing(4)))
    await trainer.ask(SetLimit(9))
    first, *changes = events(started)
    assert first["event"] == "start"
    assert first["settings"] == started.settings.to_dict()
    assert first["torch"] == torch.__version__
    assert changes == [
        {"event": "set_lr", "run": "A", "lr": 0.5, "step": 4},
        {"event": "set_clearing", "run": "B", "clear": "4", "accumulate": 1, "step": 4},
        {"event": "set_limit", "steps": 9, "step": 4},
    ]
    samples = [e for e in read_events(Path(started.log)) if isinstance(e, Sampled)]
    assert [(e.run, e.step) for e in samples] == [(r, s) for s in (1, 2, 3) for r in "AB"]


async def test_an_answer_names_the_step_from_which_a_change_holds(trainer: Trainer) -> None:
    started = await trainer.begin(running=False)
    await trainer.ask(StepTo(4))
    await trainer.reach(4)
    lr = await trainer.ask(SetLr("A", 0.02))
    clearing = await trainer.ask(SetClearing("B", EVERY))
    assert (lr.step, clearing.step) == (5, 5)
    await trainer.ask(StepTo(8))
    await trainer.reach(8)
    assert losses(started, "A") == plain_loop(lrs={1: 0.1, 5: 0.02}, cleared_from=1, steps=8)
    assert losses(started, "B") == plain_loop(lrs={1: 0.1}, cleared_from=5, steps=8)


async def test_a_change_at_full_speed_holds_from_the_step_it_was_told_for(
    trainer: Trainer,
) -> None:
    started = await trainer.begin()
    await trainer.reach(100)
    lr = await trainer.ask(SetLr("A", 0.02))
    clearing = await trainer.ask(SetClearing("B", EVERY))
    assert 100 < lr.step <= clearing.step
    reached = (await trainer.reach(clearing.step + 20)).step
    steps = min(reached, clearing.step + 20)
    a = plain_loop(lrs={1: 0.1, lr.step: 0.02}, cleared_from=1, steps=steps)
    assert losses(started, "A")[:steps] == a
    b = plain_loop(lrs={1: 0.1}, cleared_from=clearing.step, steps=steps)
    assert losses(started, "B")[:steps] == b


@pytest.mark.usefixtures("unwatched")
async def test_at_full_speed_both_runs_are_trained_together_and_it_says_so(
    trainer: Trainer,
) -> None:
    started = await trainer.begin(running=False)
    await trainer.ask(StepTo(1234))
    reached = await trainer.reach(1234)
    assert (reached.step, reached.running) == (1234, False), "it pauses exactly there"
    assert 600 < reached.together < 1234
    assert losses(started, "A") == plain_loop(lrs={1: 0.1}, cleared_from=1, steps=1234)
    assert losses(started, "B") == plain_loop(lrs={1: 0.1}, cleared_from=9999, steps=1234)


async def test_slowly_each_run_is_trained_step_by_step(trainer: Trainer) -> None:
    await trainer.begin(replace(article(), speed=20.0))
    assert (await trainer.reach(5)).together == 0


def plain_loop(*, lrs: dict[int, float], cleared_from: int, steps: int) -> list[float]:
    """The article's loop with changes at given steps, as a user would write it."""
    torch.manual_seed(42)
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=lrs[1])
    inputs, targets = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])
    found = []
    for step in range(1, steps + 1):
        if step in lrs:
            optimizer.param_groups[0]["lr"] = lrs[step]
        if step >= cleared_from:
            optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


async def test_a_paused_comparison_stands_still_until_it_goes_on(trainer: Trainer) -> None:
    started = await trainer.begin()
    await trainer.reach(10)
    paused = await trainer.ask(SetRunning(running=False))
    reached = await trainer.ask(Sync())
    assert reached.step == paused.step - 1
    assert len(losses(started, "A")) == reached.step
    told = trainer.heard(Progress)[-1]
    assert (told.step, told.running) == (reached.step, False)
    count = len(trainer.heard(Progress))
    await trainer.until(lambda: len(trainer.heard(Progress)) > count, "sign of life")
    assert trainer.heard(Progress)[-1] == told
    resumed = await trainer.ask(SetRunning(running=True))
    assert resumed.step == paused.step
    await trainer.reach(reached.step + 1)


async def test_step_to_trains_to_that_step_exactly_and_pauses(trainer: Trainer) -> None:
    started = await trainer.begin(running=False)
    for step in (1, 2, 7):
        await trainer.ask(StepTo(step))
        told = await trainer.reach(step)
        assert (told.step, told.running) == (step, False)
        assert [len(losses(started, run)) for run in RUNS] == [step, step]
    await trainer.ask(StepTo(7))
    assert (await trainer.ask(Sync())).step == 7, "said again, it changes nothing"


async def test_a_limit_ends_training_and_a_new_one_continues_it(trainer: Trainer) -> None:
    started = await trainer.begin(article(steps=5))
    assert (await trainer.reach(5)).finished
    await trainer.ask(SetLimit(9))
    assert (await trainer.reach(9)).finished
    assert len(losses(started, "B")) == 9
    await trainer.ask(SetLimit(0))
    assert not (await trainer.reach(50)).finished


async def test_speed_is_a_limit_that_can_be_lifted(trainer: Trainer) -> None:
    started = await trainer.begin(replace(ENDLESS, speed=50))
    loop = asyncio.get_running_loop()
    await trainer.reach(2)
    before = trainer.heard(Progress)[-1].step
    began = loop.time()
    step = (await trainer.reach(before + 20)).step
    assert step - before <= 50 * (loop.time() - began) + 10
    await trainer.ask(SetSpeed(0))
    await trainer.reach(step + 500)
    assert started.settings.speed == 50


async def test_slow_motion_is_slow_from_the_first_step_on(trainer: Trainer) -> None:
    await trainer.begin(replace(ENDLESS, speed=0.01))
    await trainer.reach(1)
    assert (await trainer.ask(Sync())).step == 1


async def test_sync_writes_everything_that_was_trained(trainer: Trainer) -> None:
    started = await trainer.begin()
    await trainer.reach(50)
    for _ in range(20):
        ack = await trainer.ask(Sync())
        assert min(len(losses(started, run)) for run in RUNS) >= ack.step


async def test_starting_again_makes_a_new_log_and_ends_the_old_one(trainer: Trainer) -> None:
    first = await trainer.begin()
    await trainer.reach(10)
    second = await trainer.begin(replace(ENDLESS, seed=7))
    assert first.log != second.log
    end = events(first)[-1]
    assert (end["event"], end["reason"]) == ("end", "restarted")
    assert len(losses(first, "A")) == len(losses(first, "B")) == end["step"]
    await trainer.reach(10)
    assert losses(second, "A")[0] != losses(first, "A")[0]


async def test_stepping_back_pauses_in_a_new_log_that_goes_on_as_the_old_one_did(
    trainer: Trainer,
) -> None:
    started = await trainer.begin(replace(ENDLESS, twin=True), running=False)
    await trainer.ask(StepTo(4))
    await trainer.reach(4)
    await trainer.ask(SetLr("A", 0.02))
    await trainer.ask(StepTo(8))
    await trainer.reach(8)
    assert (await trainer.ask(SetClearing("B", EVERY))).step == 9
    old = {run: losses(started, run) for run in (*RUNS, MOMENTUM_TWIN)}
    assert old[MOMENTUM_TWIN] == old["B"]
    assert (await trainer.ask(StepBack(6))).step == 7
    again = trainer.heard(ComparisonStarted)[-1]
    assert again.log != started.log
    kept = again.settings
    assert (kept.a.lr, kept.b.clear) == (0.02, NEVER), "what was changed later is undone"
    assert not trainer.heard(Progress)[-1].running
    assert {run: losses(started, run) for run in old} == old, "the old log stays as it is"
    assert (events(started)[-1]["event"], events(started)[-1]["reason"]) == ("end", "stepped back")
    assert {run: losses(again, run) for run in old} == {run: old[run][:6] for run in old}
    await trainer.ask(StepTo(8))
    await trainer.until(lambda: len(losses(again, "B")) == 8, "8 steps again")
    assert {run: losses(again, run) for run in old} == old
    refused = await trainer.ask(StepBack(99))
    assert refused.error == "can go back to steps 0 to 8, not to 99"


async def test_what_cannot_be_started_is_refused_and_the_old_one_goes_on(
    trainer: Trainer,
) -> None:
    started = await trainer.begin()
    refused = await trainer.ask(Start(replace(ENDLESS, device="cuda:99")))
    assert refused.error is not None
    assert refused.error.startswith("device 'cuda:99' is not on this machine; available: auto, ")
    refused = await trainer.ask(Start(replace(ENDLESS, experiment="artcle")))
    assert refused.error is not None
    assert "Did you mean 'article'" in refused.error
    before = (await trainer.ask(Sync())).step
    await trainer.reach(before + 100)
    assert len(losses(started, "A")) >= before + 100


async def test_a_diverged_run_is_logged_as_it_is_and_the_other_goes_on(trainer: Trainer) -> None:
    started = await trainer.begin(article(a=1e10, steps=40))
    await trainer.reach(40)
    diverged, other = losses(started, "A"), losses(started, "B")
    assert len(diverged) == len(other) == 40
    assert not math.isfinite(diverged[-1])
    assert other == plain_loop(lrs={1: 0.1}, cleared_from=41, steps=40)
    assert (await trainer.ask(SetLr("A", 0.1))).error is None
    assert (await trainer.ask(SetClearing("A", NEVER))).error is None


async def test_repeating_a_command_changes_nothing(trainer: Trainer) -> None:
    started = await trainer.begin(running=False)
    for _ in range(3):
        await trainer.ask(SetLr("B", 0.05))
        await trainer.ask(StepTo(6))
    await trainer.reach(6)
    assert losses(started, "B") == plain_loop(lrs={1: 0.05}, cleared_from=7, steps=6)


async def test_a_session_is_marked_as_in_use(trainer: Trainer) -> None:
    assert (trainer.client.session / WORKER_LOG).exists()
    assert is_held(trainer.client.session)


async def test_stopping_leaves_a_complete_log_and_no_process(tmp_path: Path) -> None:
    worker = Trainer(tmp_path / "session")
    started = await worker.begin()
    await worker.reach(200)
    pid = worker.pid
    await worker.client.stop()
    end = events(started)[-1]
    assert (end["event"], end["reason"]) == ("end", "worker ended")
    assert len(losses(started, "A")) == len(losses(started, "B")) == end["step"] >= 200
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not is_held(tmp_path / "session")
    assert worker.end is None, "a stop that was asked for is no news"


async def test_a_map_is_made_beside_the_training(trainer: Trainer) -> None:
    await trainer.begin()
    ack = await trainer.ask(MapStability("clearing", 20, 4))
    assert ack.error is None
    before = trainer.heard(Progress)[-1].step
    await trainer.until(
        lambda: any(made.measured for made in trainer.heard(MapMade)), "the whole map"
    )
    first, *_, last = trainer.heard(MapMade)
    assert (first.measured, first.step) == ([], 0), "theory comes first"
    assert first.predicted == last.predicted == last.measured
    assert last.measured[0] == "c" * 8 + "d" * 12, "clearing every step ends at lr·λ = 2"
    assert last.measured[3] == "b" * 16 + "d" * 4, "never clearing ends at 4"
    assert last.modes[0][0] == pytest.approx(12)
    await trainer.reach(before + 1)


async def test_the_last_map_that_is_asked_for_is_the_one_that_is_made(trainer: Trainer) -> None:
    await trainer.begin(running=False)
    for axis in ("clearing", "momentum"):
        await trainer.ask(MapStability(axis, 10, 3, EVERY))
    await trainer.until(
        lambda: any(made.measured for made in trainer.heard(MapMade)), "the whole map"
    )
    assert {made.axis for made in trainer.heard(MapMade) if made.measured} == {"momentum"}


async def test_a_network_is_refused_a_map_with_a_sentence(trainer: Trainer) -> None:
    await trainer.begin(replace(ENDLESS, experiment="moons"), running=False)
    ack = await trainer.ask(MapStability("clearing", 10, 3))
    assert ack.error is not None
    assert "linear model under MSE loss" in ack.error
