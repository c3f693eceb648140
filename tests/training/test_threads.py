"""How many threads training takes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from zgtui.training.devices import CHOSEN_BY_USER, MANY, suitable_threads, threads_for


@pytest.fixture(autouse=True)
def _no_choice_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CHOSEN_BY_USER:
        monkeypatch.delenv(name, raising=False)


def big() -> nn.Module:
    with torch.device("meta"):
        return nn.Linear(MANY // 64, 1, bias=False)


def test_small_models_train_with_one_thread_and_big_ones_with_all() -> None:
    assert suitable_threads(nn.Linear(2, 1), 1, most=8) == 1
    assert suitable_threads(big(), 64, most=8) == 8
    assert suitable_threads(big(), 63, most=8) == 1
    assert suitable_threads(big(), 64, most=1) == 1


@pytest.mark.parametrize("name", CHOSEN_BY_USER)
def test_a_number_set_in_the_environment_is_left_as_it_is(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "3")
    assert suitable_threads(nn.Linear(2, 1), 1, most=3) == 3
    monkeypatch.setenv(name, "")
    assert suitable_threads(nn.Linear(2, 1), 1, most=3) == 1


@pytest.fixture
def _two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("_two_threads")
def test_torch_has_its_number_of_threads_again_afterwards() -> None:
    with threads_for(nn.Linear(2, 1), 1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("_two_threads")
def test_torch_has_its_number_of_threads_again_after_an_error() -> None:
    def interrupted() -> None:
        with threads_for(nn.Linear(2, 1), 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("_two_threads")
def test_a_big_model_trains_with_what_torch_has() -> None:
    with threads_for(big(), 64):
        assert torch.get_num_threads() == 2
