"""Every sentence, state and gauge that is shown is true: see `tests.sentences.checkers`.

A selection of the settings; ``python -m tests.sentences`` checks all of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sentences import checkers, reference
from tests.sentences.driver import Case, trained
from tests.sentences.inspection import inspect, summary
from tests.sentences.matrix import SELECTED, every_case
from tests.sentences.seen import Seen
from zgtui.config.settings import Settings
from zgtui.tui.model import texts

CASES = every_case()
B_OSCILLATES = "B oscillates (loss 0.000133 to 0.43)"


def test_there_are_more_than_three_hundred_settings() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 300


@pytest.mark.parametrize("case", CASES[::SELECTED], ids=lambda case: case.name)
def test_everything_that_is_said_is_true(case: Case) -> None:
    found = inspect(case)
    assert found.sentences > 3 * case.steps
    assert not found.faults, summary(found)


@pytest.fixture(scope="module")
def article(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The article's two runs after 60 steps."""
    case = Case("article", Settings(experiment="article", steps=60), 60)
    *_, live = trained(case, tmp_path_factory.mktemp("log"))
    return Seen(case, live.settings, 60, reference.train(case, live.settings), live.full_batch)


@pytest.mark.parametrize(
    "sentence",
    [
        "Nobody has written a checker for this.",
        f"A converged (loss 0.1). {B_OSCILLATES}: it never clears its gradients.",
        f"B converged (loss 0). {B_OSCILLATES}: it never clears its gradients.",
        f"A converged (loss 0). {B_OSCILLATES}: it clears only every 2 steps.",
        "B ended ahead (loss 0.1 against 0.2, means of the newest 15 steps).",
        "B oscillates about every 3.5 steps.",
        "B oscillates about every 2.71 steps (2.9 by theory).",
        "A converged at step 6: its loss shrinks ×0.2 per step.",
        "B went uphill, against the gradient of the step, in 7 of its first 20 steps.",
        "At step 50 B's .grad was 3 times as long as the gradient of that step.",
        "Weight decay damps B: it steps as SGD with momentum 0.9 and no decay.",
        "A steps along the sum of all its gradients so far: that is SGD with momentum 1.",
        "A is unstable: lr·λ = 1.2 is above its limit, 2.",
        "By theory: lr·λ = 1.2: A diverges, B oscillates with period 2.71 steps.",
        "Losses 1 and 2 are the same in both runs: the first update uses no stale gradient.",
    ],
)
def test_a_false_sentence_is_found(sentence: str, article: Seen) -> None:
    assert checkers.fault(sentence, article)


@pytest.mark.parametrize(
    ("text", "false"),
    [
        ("converged at step 6", ""),
        ("converged at step 2", "yes"),
        ("stuck since step 2", "yes"),
    ],
)
def test_a_false_state_is_found(text: str, false: str, article: Seen) -> None:
    assert bool(checkers.state_fault(f"finished · {text}", "A", article)) is bool(false)


@pytest.mark.parametrize("name", ["article, clear never lr 0.1", "batches of 2 lr 0.1"])
def test_the_same_step_has_the_same_sentences_however_much_was_measured(
    name: str, tmp_path: Path
) -> None:
    (case,) = (case for case in CASES if case.name == name)
    said = [
        [
            texts.notes(live, theory=False, secret=False)
            for live in trained(case, tmp_path / str(sample), sample=sample)
        ]
        for sample in (True, False)
    ]
    assert said[0] == said[1]
