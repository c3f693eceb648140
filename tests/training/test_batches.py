"""The short hashes by which runs are seen to start alike."""

from __future__ import annotations

from dataclasses import replace

from zgtui.config.settings import Settings
from zgtui.training.batches import Fingerprints, fingerprints
from zgtui.training.comparison import prepare

PLAIN = Settings(device="cpu", diagnostics="off", experiment="regression")


def of(settings: Settings) -> Fingerprints:
    comparison, _ = prepare(settings, {"cpu": ""})
    return comparison.fingerprints


def test_the_same_start_has_one_hash_and_others_two() -> None:
    same, apart = of(PLAIN).weights, of(replace(PLAIN, experiment="article-exact")).weights
    assert same["A"] == same["B"]
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
    a, b = comparison.runs["A"].model, comparison.runs["B"].model
    before = comparison.fingerprints
    assert fingerprints(a, b, comparison.batches, same_init=False) == before
    comparison.advance()
    after = fingerprints(a, b, comparison.batches, same_init=False)
    assert after.weights["A"] != before.weights["A"]
    assert after.weights["B"] != before.weights["B"]
    assert after.batches == before.batches
