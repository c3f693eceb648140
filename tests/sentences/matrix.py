"""The settings whose sentences are checked: more than 300, and a selection that every run takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.sentences.driver import Case, Change
from zgtui.config.settings import EVERY, NEVER, Clearing, Settings
from zgtui.lessons.lesson import both

RATES = (1e-4, 1e-3, 0.01, 0.05, 1 / 12, 0.1, 0.15, 1 / 6, 0.2, 0.25, 0.3, 1 / 3, 0.35, 0.5)
"""Of the article, whose sharpness is 12: from hardly moving to diverging, with all resonances."""
POLICIES = (NEVER, Clearing(2), Clearing(3), Clearing(7))
ADAPTIVE = ("Adam", "AdamW", "RMSprop")
SELECTED = 18
"""One of so many settings is checked by the suite; all of them by ``-m tests.sentences``."""


def _case(name: str, settings: Settings, lr: float, steps: int, *changes: Change) -> Case:
    return Case(f"{name} lr {lr:.4g}", both(settings, lr), steps, changes)


def _article(**changes: object) -> Settings:
    return replace(Settings(experiment="article"), **changes)  # type: ignore[arg-type]  # as given


def _plain() -> Iterator[Case]:
    for lr in RATES:
        for clear in POLICIES:
            settings = _article().with_run("B", clear=clear)
            steps = 150 if clear == NEVER else 60
            yield _case(f"article, clear {clear}", settings, lr, steps)
    for lr in (1e-4, 0.001, 0.01, 0.1, 0.3, 0.6, 0.9, 1.3):
        for clear in (NEVER, Clearing(2), Clearing(5)):
            settings = Settings(experiment="regression").with_run("B", clear=clear)
            yield _case(f"regression, clear {clear}", settings, lr, 120)
    for lr in (0.01, 0.1, 0.25):
        yield _case("article-exact", Settings(experiment="article-exact"), lr, 60)
        yield _case("regression-trap", Settings(experiment="regression-trap"), lr, 150)
    both_never = _article().with_run("A", clear=NEVER)
    yield _case("both never clear", both_never, 0.1, 60)
    yield _case("both clear", _article().with_run("B", clear=EVERY), 0.1, 60)
    yield _case("A is the faulty one", both_never.with_run("B", clear=EVERY), 0.1, 60)
    yield Case("two rates", both(_article(), 0.1).with_run("A", lr=0.02), 60)


def _momentum() -> Iterator[Case]:
    for momentum in (0.5, 0.9):
        for lr in (0.001, 0.01, 0.1, 0.2, 0.25, 0.35):
            for clear in (NEVER, Clearing(3)):
                settings = _article(momentum=momentum).with_run("B", clear=clear)
                yield _case(f"momentum {momentum}, clear {clear}", settings, lr, 70)
            nesterov = _article(momentum=momentum, nesterov=True)
            yield _case(f"nesterov {momentum}", nesterov, lr, 70)
    for lr in (0.01, 0.1, 0.5):
        settings = Settings(experiment="regression", momentum=0.9)
        yield _case("regression, momentum", settings, lr, 100)
        yield _case("regression, nesterov", replace(settings, nesterov=True), lr, 100)
    yield _case("momentum 1", _article(momentum=1.0).with_run("B", clear=EVERY), 0.1, 60)


def _decay() -> Iterator[Case]:
    for decay in (0.01, 0.1, 1.0, 5.0):
        for lr in (0.01, 1 / 12, 0.1, 0.16, 0.25, 0.3):
            for clear in (NEVER, Clearing(2)):
                settings = _article(weight_decay=decay).with_run("B", clear=clear)
                yield _case(f"decay {decay:g}, clear {clear}", settings, lr, 120)
    for lr in (0.01, 0.1, 0.5):
        settings = Settings(experiment="regression", weight_decay=0.5)
        yield _case("regression, decay", settings, lr, 120)
        both_of_them = _article(weight_decay=1.0, momentum=0.9)
        yield _case("decay and momentum", both_of_them, lr, 80)
        yield _case("decay and nesterov", replace(both_of_them, nesterov=True), lr, 80)


def _clipped() -> Iterator[Case]:
    for clip in (0.1, 1.0, 100.0):
        for lr in (0.01, 0.1, 0.25, 0.5):
            yield _case(f"clip {clip:g}", _article(clip=clip), lr, 100)
        yield _case(f"clip {clip:g}, momentum", _article(clip=clip, momentum=0.9), 0.1, 80)
    yield _case("regression, clip", Settings(experiment="regression", clip=0.2), 0.1, 100)


def _adaptive() -> Iterator[Case]:
    for optimizer in ADAPTIVE:
        for lr in (1e-4, 1e-3, 0.01, 0.1, 1.0):
            yield _case(optimizer, _article(optimizer=optimizer), lr, 120)
            settings = Settings(experiment="regression", optimizer=optimizer)
            yield _case(f"regression, {optimizer}", settings, lr, 120)
    yield _case("Adam, decay", _article(optimizer="Adam", weight_decay=0.5), 0.1, 100)
    yield _case(
        "Adam, clear 2", _article(optimizer="Adam").with_run("B", clear=Clearing(2)), 0.1, 80
    )


def _scheduled() -> Iterator[Case]:
    for schedule in ("step", "cosine"):
        for lr in (0.05, 0.1, 0.25):
            settings = _article(schedule=schedule, steps=90)
            yield _case(schedule, settings, lr, 90)
            yield _case(f"{schedule}, decay", replace(settings, weight_decay=1.0), lr, 90)
        yield _case(
            f"{schedule}, momentum", _article(schedule=schedule, steps=80, momentum=0.9), 0.1, 80
        )


def _batches() -> Iterator[Case]:
    for lr in (0.01, 0.1, 0.3):
        for size in (2, 5):
            settings = Settings(experiment="regression", batch_size=size)
            yield _case(f"batches of {size}", settings, lr, 150)
        for clear in (EVERY, NEVER, Clearing(2)):
            settings = Settings(experiment="regression").with_run("B", clear=clear, accumulate=2)
            yield _case(f"accumulate 2, clear {clear}", settings, lr, 80)
        settings = Settings(experiment="regression").with_run("B", clear=EVERY, accumulate=3)
        yield _case("accumulate 3, unequal", settings.with_run("A", accumulate=3), lr, 80)


def _changed() -> Iterator[Case]:
    for experiment in ("article", "regression"):
        settings = Settings(experiment=experiment)
        yield _case(
            f"{experiment}, B clears from 40 on", settings, 0.1, 90, Change(40, "B", clear=EVERY)
        )
        yield _case(
            f"{experiment}, A never from 30 on", settings, 0.1, 120, Change(30, "A", clear=NEVER)
        )
        yield _case(
            f"{experiment}, A never from 6 on", settings, 0.02, 120, Change(6, "A", clear=NEVER)
        )
        yield _case(
            f"{experiment}, B clears and never again", settings, 0.1, 120,
            Change(31, "B", clear=EVERY), Change(51, "B", clear=NEVER),
        )  # fmt: skip
        yield _case(
            f"{experiment}, higher rate", settings, 0.1, 90,
            Change(41, "A", lr=0.25), Change(41, "B", lr=0.25),
        )  # fmt: skip
        yield _case(f"{experiment}, tiny rate", settings, 0.1, 90, Change(4, "A", lr=1e-9))
        yield _case(
            f"{experiment}, B every 2 from 21 on",
            settings,
            0.1,
            80,
            Change(21, "B", clear=Clearing(2)),
        )
        yield _case(
            f"{experiment}, momentum, B clears",
            replace(settings, momentum=0.5),
            0.1,
            100,
            Change(31, "B", clear=EVERY),
        )


def _networks() -> Iterator[Case]:
    spirals, moons = Settings(experiment="spirals"), Settings(experiment="moons")
    digits = Settings(experiment="digits")
    for lr in (0.1, 1.0):
        yield _case("spirals", spirals, lr, 300)
    yield _case("spirals, decay 1", replace(spirals, weight_decay=1.0), 0.1, 300)
    yield _case("spirals, clip 1", replace(spirals, clip=1.0), 0.1, 300)
    yield _case("spirals, Adam", replace(spirals, optimizer="Adam"), 0.003, 200)
    yield _case("spirals, AdamW", replace(spirals, optimizer="AdamW"), 0.003, 120)
    yield _case("spirals, momentum", replace(spirals, momentum=0.9), 0.05, 150)
    yield _case("spirals, nesterov", replace(spirals, momentum=0.9, nesterov=True), 0.05, 120)
    yield _case("spirals, clear 4", spirals.with_run("B", clear=Clearing(4)), 0.1, 150)
    yield _case("spirals, accumulate 4", spirals.with_run("B", clear=EVERY, accumulate=4), 0.1, 120)
    yield _case("spirals, never and accumulate 4", spirals.with_run("B", accumulate=4), 0.1, 150)
    yield _case("spirals, cosine", replace(spirals, schedule="cosine", steps=150), 0.2, 150)
    yield _case("moons", moons, 0.3, 250)
    yield _case("moons, slow", moons, 0.01, 250)
    yield _case("moons, B clears from 150 on", moons, 0.3, 250, Change(150, "B", clear=EVERY))
    yield _case("digits", digits, 0.3, 250)
    yield _case("digits, batches of 16", replace(digits, batch_size=16), 0.1, 200)
    yield _case("digits, full batch", replace(digits, batch_size=0), 0.1, 250)
    yield _case("digits, Adam", replace(digits, optimizer="Adam"), 0.003, 200)
    yield _case("digits, RMSprop", replace(digits, optimizer="RMSprop"), 0.001, 200)
    yield _case("digits, momentum", replace(digits, momentum=0.9), 0.05, 120)
    yield _case("digits-cnn", Settings(experiment="digits-cnn"), 0.003, 60)
    yield _case("chars", Settings(experiment="chars"), 0.003, 60)


def every_case() -> list[Case]:
    """All of them."""
    groups = (
        _plain, _momentum, _decay, _clipped, _adaptive, _scheduled, _batches, _changed, _networks,
    )  # fmt: skip
    return [case for group in groups for case in group()]
