"""The short hashes by which runs are seen to start alike."""

from __future__ import annotations

from dataclasses import replace

from zgtui.config.settings import Settings
from zgtui.training.batches import Fingerprints, weights_hash
from zgtui.training.prepare import prepare

PLAIN = Settings(device="cpu", diagnostics="off", experiment="regression")


def of(settings: Settings) -> Fingerprints:
    comparison, _ = prepare(settings, {"cpu": ""})
    return comparison.fingerprints


def test_twins_have_one_hash_and_others_two() -> None:
    twins, apart = of(PLAIN).weights, of(replace(PLAIN, experiment="article-exact")).weights
    assert twins["A"] == twins["B"]
    assert apart["A"] != apart["B"]


def test_a_hash_follows_the_seed_the_data_and_their_batches() -> None:
    one = of(PLAIN)
    assert of(PLAIN) == one
    other = of(replace(PLAIN, seed=43))
    assert other.weights != one.weights
    assert other.batches != one.batches
    assert of(replace(PLAIN, batch_size=5)).batches != one.batches


def test_a_hash_changes_with_any_weight() -> None:
    comparison, _ = prepare(PLAIN, {"cpu": ""})
    model = comparison.runs["A"].model
    before = weights_hash(model)
    assert before == comparison.fingerprints.weights["A"]
    comparison.advance()
    assert weights_hash(model) != before
