"""Every lesson: it fits the smallest screen, and its set-ups do what its pages promise."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import pytest
import torch

import zgtui.lessons
from tests.support.models import begin
from zgtui.charts.words import ascii_text
from zgtui.config.settings import EVERY, NEVER, RunName, Settings
from zgtui.experiments import EXPERIMENTS, load
from zgtui.lessons import LESSONS
from zgtui.lessons.lesson import PAGE_LINES, PAGE_WIDTH, Lesson
from zgtui.training.comparison import Comparison
from zgtui.tui.keys import with_keys

FIRST = 0.3011
"""The loss that the article's model begins with, as the screen shows it."""


# What every lesson is


@pytest.mark.parametrize("name", LESSONS)
def test_every_page_fits_what_the_charts_leave_at_80_by_24(name: str) -> None:
    lesson = LESSONS[name]
    for number, page in enumerate(lesson.pages, 1):
        said = with_keys(page.text, {})
        lines = [line for text in said.split("\n") for line in textwrap.wrap(text, PAGE_WIDTH)]
        assert len(lines) <= PAGE_LINES, f"page {number}"
        assert page.text.strip() == page.text
        assert page.heading
    assert len(lesson.title) <= 50
    assert lesson.claim.endswith(".")


@pytest.mark.parametrize("name", LESSONS)
def test_every_page_can_be_read_where_only_ascii_is_shown(name: str) -> None:
    lesson = LESSONS[name]
    texts = [lesson.title, lesson.claim]
    for page in lesson.pages:
        texts += [page.heading, page.text]
    for text in texts:
        assert ascii_text(text).count("?") == text.count("?"), text


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_begins_with_its_claim_lets_the_class_guess_and_ends_shown(name: str) -> None:
    lesson = LESSONS[name]
    assert lesson.pages[0].heading == "claim"
    assert lesson.state(0) == (lesson.setup, 0), "a claim comes before its evidence"
    guesses = [at for at, page in enumerate(lesson.pages) if page.asks]
    assert guesses
    for at in guesses:
        shown = [page for page in lesson.pages[at + 1 :] if page.train_to]
        assert shown, "what was guessed is shown"
    assert any(page.heading == "why" for page in lesson.pages)


@pytest.mark.parametrize("name", LESSONS)
def test_every_set_up_can_be_trained_as_far_as_its_pages_go(name: str) -> None:
    lesson = LESSONS[name]
    for at in range(len(lesson.pages)):
        settings, step = lesson.state(at)
        assert settings.experiment in EXPERIMENTS
        assert settings.steps is not None
        assert settings.steps >= step
        assert settings.speed
        assert step / settings.speed <= 15, "nobody waits longer"


def test_every_lesson_of_every_file_is_taught() -> None:
    modules = [
        import_module(f"{zgtui.lessons.__name__}.{found.name}")
        for found in iter_modules(zgtui.lessons.__path__)
    ]
    written = [name for module in modules for name in getattr(module, "LESSONS", {})]
    assert sorted(written) == sorted(LESSONS), "no name stands twice, none is left out"
    assert len({lesson.title for lesson in LESSONS.values()}) == len(LESSONS)


# What each promises


@dataclass(frozen=True)
class Outcome:
    """What a page shows: the losses of both runs, what was measured, and the momentum twin."""

    comparison: Comparison
    a: list[float]
    b: list[float]
    accuracy: dict[RunName, float]
    energy: list[float]
    momentum_twin: list[float]


def watch(lesson: Lesson, page: int, *, sample: bool = False, perturbed: bool = False) -> Outcome:
    """Train what ``page`` (from 1) of ``lesson`` shows; ``perturbed`` as in `perturb`."""
    settings, steps = lesson.state(page - 1)
    assert steps, "a page that shows something"
    listing = EXPERIMENTS[settings.experiment]
    if listing.needs is not None and find_spec(listing.needs[0]) is None:
        pytest.skip(f"{settings.experiment} needs {listing.needs[0]}, which is not installed")
    return trained(settings, steps, sample=sample, perturbed=perturbed)


def trained(
    settings: Settings, steps: int, *, sample: bool = False, perturbed: bool = False
) -> Outcome:
    comparison = begin(load(settings.experiment), settings)
    if perturbed:
        perturb(comparison)
    for _ in range(steps):
        comparison.advance(sample=sample)
    drained = comparison.drain()
    accuracy = {found.run: found.value for found in drained.samples if found.name == "accuracy"}
    energy = [
        found.value for found in drained.samples if found.name == "energy" and found.run == "B"
    ]
    return Outcome(
        comparison,
        drained.losses["A"],
        drained.losses["B"],
        accuracy,
        energy,
        drained.momentum_twin,
    )


@torch.no_grad()
def perturb(comparison: Comparison) -> None:
    """Change every initial weight by about a rounding error, the same in both runs.

    A chaotic run then goes another way, as it does on another CPU: what a page says of it must be
    true all the same.
    """
    generator = torch.Generator().manual_seed(1)
    models = [run.model.parameters() for run in comparison.runs.values()]
    for a, b in zip(*models, strict=True):
        factor = 1 + 1e-7 * torch.randn(a.shape, generator=generator)
        a.mul_(factor)
        b.mul_(factor)


def mean(losses: list[float]) -> float:
    return sum(losses) / len(losses)


def shown(loss: float | list[float]) -> object:
    """Losses as text gives them, in four digits."""
    return pytest.approx(loss, rel=5e-4)


def check_invisible(lesson: Lesson) -> None:
    seen = watch(lesson, 4)
    assert seen.a[:2] == seen.b[:2]
    assert seen.a[:2] == shown([0.3011, 0.01205])
    assert seen.a[2] == shown(0.0004818)
    assert seen.b[2] == shown(0.4052)
    assert seen.b[2] > seen.b[0]
    whole = watch(lesson, 6)
    assert whole.a[-1] < 1e-10
    assert max(whole.b[-6:]) > 0.2


def check_overshoot(lesson: Lesson) -> None:
    start = watch(lesson, 2)
    assert start.a == start.b
    assert start.a == pytest.approx([FIRST, 1.4e-14], rel=2e-4, abs=1e-12)
    seen = watch(lesson, 3)
    assert max(seen.a[1:]) < 1e-12
    cycle = [FIRST, 0.0, FIRST]
    assert seen.b == pytest.approx(cycle * 8, rel=2e-4, abs=1e-12)


def check_momentum_one(lesson: Lesson) -> None:
    never = watch(lesson, 2)
    assert never.b[19] == shown(0.2871)
    settings, _ = lesson.state(3)
    assert settings.momentum == 1.0
    assert settings.a.clear == settings.b.clear == EVERY
    momentum = watch(lesson, 4)
    assert momentum.a == momentum.b == never.b
    whole = watch(lesson, 5)
    assert len(whole.b) == 200
    assert trained(settings, 200).b == whole.b
    assert whole.momentum_twin == whole.b
    assert whole.b[199] == pytest.approx(0.056, abs=5e-4)


def check_energy(lesson: Lesson) -> None:
    seen = watch(lesson, 3, sample=True)
    first = seen.b[0]
    assert first == shown(FIRST)
    assert seen.energy == pytest.approx([first] * 500, rel=1e-4)
    assert first / (1 - 0.1 * 12 / 4) == shown(0.4302)
    assert max(seen.b) < 0.4302
    assert max(seen.b[-20:]) > 0.42
    assert max(seen.b[:20]) > 0.42
    seen.comparison.set_clearing("B", EVERY)
    for _ in range(20):
        seen.comparison.advance()
    assert seen.comparison.drain().losses["B"][-1] < 1e-10
    seen.comparison.set_clearing("B", NEVER)
    for _ in range(200):
        seen.comparison.advance()
    assert max(seen.comparison.drain().losses["B"]) < 1e-10, "z changes nothing any more"


def check_small_lr(lesson: Lesson) -> None:
    early = watch(lesson, 3)
    assert [early.a[4], early.b[4]] == pytest.approx([1.145, 0.8281], rel=1e-3)
    late = watch(lesson, 4)
    assert late.a[-1] == shown(0.2045)
    assert late.comparison.initial.min_loss == shown(0.2045)
    assert late.b[-1] == pytest.approx(0.59, abs=5e-3)
    behind = [step for step in range(1, 301) if late.b[step - 1] > late.a[step - 1]]
    assert behind == list(range(15, 301))


def check_correct_diverges(lesson: Lesson) -> None:
    three = watch(lesson, 3)
    ratios = [after / before for before, after in zip(three.a, three.a[1:], strict=False)]
    assert ratios == pytest.approx([4.0] * 19, rel=1e-3)
    assert three.b == pytest.approx([FIRST, 1.205, FIRST] * 6 + [FIRST, 1.205], rel=1e-3)
    above_four = watch(lesson, 5)
    assert above_four.a[-1] > 1e18
    assert above_four.b[-1] > 1e7


def check_momentum_diverges(lesson: Lesson) -> None:
    seen = watch(lesson, 3)
    assert 5e-8 < seen.a[-1] < 5e-7
    assert 1e3 < seen.b[-1] < 1e4
    assert seen.b[-1] > 1e4 * seen.b[0]
    slower = watch(lesson, 5)
    assert slower.a[-1] < 1e-10
    assert max(slower.b[:20]) < 10, "a smaller rate delays it"
    assert max(slower.b[:50]) > 100
    assert max(slower.b) > 1e9


def check_weight_decay(lesson: Lesson) -> None:
    plain = watch(lesson, 2)
    assert plain.accuracy["A"] > 0.95
    assert mean(plain.b[-100:]) > 10 * mean(plain.a[-100:])
    decayed = watch(lesson, 4)
    assert mean(decayed.a[-50:]) == pytest.approx(1.10, abs=0.005)
    assert decayed.accuracy["A"] < 0.4
    weights = decayed.comparison.runs["A"].model.parameters()
    assert max(float(weight.detach().abs().max()) for weight in weights) < 0.05
    assert mean(decayed.b[-50:]) < 0.05
    assert decayed.accuracy["B"] > 0.95
    settings, _ = lesson.state(3)
    # Only what decay leaves of momentum 1 counts: 1 - 0.1 × 1, with no decay at all.
    ordinary = trained(
        replace(settings, weight_decay=0.0, momentum=0.9).with_run("B", clear=EVERY), 1000
    )
    assert mean(ordinary.b[-50:]) < 0.05


def check_clearing_period(lesson: Lesson) -> None:
    never = watch(lesson, 3)
    assert max(never.a) < 0.4302
    assert min(never.a[-6:]) < 0.1 < max(never.a[-6:])
    assert never.b[60] == pytest.approx(2e3, rel=0.2)
    third = watch(lesson, 5)
    assert third.a[60] < 1e-6
    assert third.b == never.b
    grown = [(third.b[at + 2] / third.b[at]) ** 0.5 for at in range(0, 59, 2)]
    assert grown == pytest.approx([1.16] * 30, rel=1e-3)
    shrunk = [(third.a[at + 3] / third.a[at]) ** 0.5 for at in range(0, 40, 3)]
    assert shrunk == pytest.approx([0.73] * 14, abs=0.005)
    accumulated = watch(lesson, 8)
    assert accumulated.comparison.batches.size == 10
    assert accumulated.b == pytest.approx(accumulated.a, rel=1e-5)


def check_batch_size(lesson: Lesson) -> None:
    full = watch(lesson, 3)
    assert mean(full.b[-40:]) < 0.005
    assert full.a[-1] > 0.1
    assert min(full.accuracy.values()) > 0.9
    for perturbed in (False, True):
        minibatches = watch(lesson, 5, perturbed=perturbed)
        assert mean(minibatches.a[-40:]) < 0.4
        assert mean(minibatches.b[-40:]) > 3 * mean(minibatches.a[-40:])
        assert minibatches.accuracy["A"] > 0.9
        assert minibatches.accuracy["B"] < minibatches.accuracy["A"]


OUTCOMES: dict[str, Callable[[Lesson], None]] = {
    "invisible": check_invisible,
    "overshoot": check_overshoot,
    "momentum-one": check_momentum_one,
    "energy": check_energy,
    "small-lr": check_small_lr,
    "correct-diverges": check_correct_diverges,
    "momentum-diverges": check_momentum_diverges,
    "weight-decay": check_weight_decay,
    "clearing-period": check_clearing_period,
    "batch-size": check_batch_size,
}


@pytest.mark.parametrize("name", LESSONS)
def test_what_a_lesson_promises_comes_true(name: str) -> None:
    assert name in OUTCOMES, "a new lesson says here what it promises"
    OUTCOMES[name](LESSONS[name])
