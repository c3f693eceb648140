"""Several threads of a script train at the same time."""

from __future__ import annotations

import threading

import torch

from tests.support.threads import elsewhere
from zgtui.instrument.instrument import Instrument
from zgtui.instrument.threads import AtWork


def test_a_backward_in_another_thread_is_not_nested_in_this_one() -> None:
    instrument, loss = Instrument(), torch.ones((), requires_grad=True)
    call = instrument.backward_begins(loss, None)
    assert call is not None
    assert instrument.backward_begins(loss, None) is None
    assert elsewhere(lambda: instrument.backward_begins(loss, None)) is not None
    instrument.backward_ended(None)
    assert instrument.depth == 1
    assert elsewhere(lambda: instrument.depth) == 0


def test_a_backward_that_torch_runs_in_a_hook_is_nested() -> None:
    instrument, loss = Instrument(), torch.ones((), requires_grad=True)
    assert instrument.backward_begins(loss, None) is not None
    seen: list[int] = []
    weight = torch.ones(2, requires_grad=True)
    weight.register_hook(lambda _: seen.append(instrument.depth))
    elsewhere(weight.sum().backward)
    assert seen == [1]


def test_steps_are_counted_by_thread() -> None:
    instrument = Instrument()
    optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1)

    def steps() -> int:
        instrument.step_begins(optimizer, (optimizer,), {})
        instrument.step_ended(optimizer, (), {})
        return instrument.updates

    assert elsewhere(steps) == 1
    assert instrument.updates == 0


def test_a_thread_that_is_gone_is_at_work_no_more() -> None:
    work, ready, done = AtWork(), threading.Event(), threading.Event()

    def stay() -> None:
        work.begins()
        ready.set()
        done.wait()

    elsewhere(work.begins)
    work.begins()
    assert not work.others()
    staying = threading.Thread(target=stay)
    staying.start()
    ready.wait()
    assert work.others()
    done.set()
    staying.join()
    assert not work.others()


def test_observation_that_ends_inside_a_backward_finds_the_next_one_outermost() -> None:
    instrument, loss = Instrument(), torch.ones((), requires_grad=True)
    call = instrument.backward_begins(loss, None)
    instrument.on = False
    instrument.backward_ended(call)
    instrument.on = True
    assert instrument.depth == 0
    assert instrument.backward_begins(loss, None) is not None


def test_a_gradient_is_found_by_the_thread_that_trains_it_also_after_another_has_looked() -> None:
    registry = Instrument().registry

    def train() -> tuple[torch.Tensor, torch.Tensor, torch.optim.Optimizer]:
        weight = torch.ones(2, requires_grad=True)
        weight.grad = torch.ones(2)
        optimizer = torch.optim.SGD([weight], lr=0.1)
        registry.trains(optimizer)
        return weight, weight.grad, optimizer

    weight, grad, _alive = train()
    assert registry.owners(grad) == [weight]

    def look_there() -> bool:
        other, its_grad, _alive = train()
        return registry.owners(its_grad)[0] is other

    assert elsewhere(look_there)
    assert registry.owners(grad)[0] is weight
