"""`pytest --zgtui`: what people's own tests are told."""

from __future__ import annotations

import re

import pytest

TESTS = """
import pytest, torch, unittest, zgtui

def made():
    model = torch.nn.Linear(3, 1)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)

def train(model, optimizer, clear, steps=5):
    for _ in range(steps):
        if clear:
            optimizer.zero_grad()
        model(torch.ones(4, 3)).pow(2).mean().backward()
        optimizer.step()

def test_clears():
    train(*made(), clear=True)

def test_forgets():
    train(*made(), clear=False)

def test_forgets_in_two_steps():
    train(*made(), clear=False, steps=2)

def test_fails_by_itself():
    train(*made(), clear=False)
    assert 1 == 2

@pytest.mark.zgtui(ignore="ZG101")
def test_ignores_its_code():
    train(*made(), clear=False)

@pytest.mark.zgtui(ignore=["ZG103", "ZG101"])
def test_ignores_several():
    train(*made(), clear=False)

@pytest.mark.zgtui(ignore="ZG103")
def test_ignores_another():
    train(*made(), clear=False)

@pytest.mark.zgtui("ZG101")
def test_names_its_code_without_ignore():
    train(*made(), clear=False)

@pytest.mark.zgtui(ignore="ZG01")
def test_ignores_no_code():
    train(*made(), clear=True)

@pytest.fixture(scope="module")
def both():
    return made()

def test_of_a_fixture(both):
    train(*both, clear=False)

class TestOfUnittest(unittest.TestCase):
    def test_forgets(self):
        train(*made(), clear=False)

def test_watches_by_itself():
    model, optimizer = made()
    with zgtui.watch(optimizer) as watch:
        train(model, optimizer, clear=False)
    assert watch.report().verdict == "fail"

def test_after_that():
    train(*made(), clear=False)
"""
OUTCOMES = {
    "test_clears": "PASSED",
    "test_forgets": "FAILED",
    "test_forgets_in_two_steps": "PASSED",
    "test_fails_by_itself": "FAILED",
    "test_ignores_its_code": "PASSED",
    "test_ignores_several": "PASSED",
    "test_ignores_another": "FAILED",
    "test_names_its_code_without_ignore": "FAILED",
    "test_ignores_no_code": "FAILED",
    "test_of_a_fixture": "FAILED",
    "TestOfUnittest::test_forgets": "FAILED",
    "test_watches_by_itself": "PASSED",
    "test_after_that": "FAILED",
}


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """What pytest tells of ``TESTS``, in a process of its own: torch is not imported twice."""
    pytester.makepyfile(train_tests=TESTS)
    # As it is installed, or where only the source is at hand.
    loaded = "zgtui" in dict(pytester._request.config.pluginmanager.list_name_plugin())
    plugin = () if loaded else ("-p", "zgtui.pytest_plugin")
    return pytester.runpytest_subprocess(
        "train_tests.py", *plugin, "-v", "--strict-markers", "-p", "no:asyncio", *options
    )


def test_a_test_that_trains_without_clearing_fails_with_the_report(
    pytester: pytest.Pytester,
) -> None:
    result = run(pytester, "--zgtui")
    told = re.findall(r"^train_tests\.py::(\S+) ([A-Z]+)", result.stdout.str(), re.MULTILINE)
    assert dict(told) == OUTCOMES
    result.stdout.fnmatch_lines(
        [
            "*_ test_forgets _*",
            "gradients are not cleared as they should be:",
            "ZG101 error: never cleared*train_tests.py:12",
            "*_ test_fails_by_itself _*",
            "*assert 1 == 2*",
            "*_ test_ignores_another _*",
            "*_ test_names_its_code_without_ignore _*",
            'write the marker as @pytest.mark.zgtui(ignore="ZG103")',
            "*_ test_ignores_no_code _*",
            "ignore= takes codes such as 'ZG103', not 'ZG01'. Did you mean *",
        ]
    )
    own = result.stdout.str().partition("_ test_fails_by_itself _")[2].partition("____ ")[0]
    assert "ZG101" not in own
    assert "pytest_plugin.py" not in result.stdout.str()


def test_without_the_option_nothing_is_watched(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-k", "forgets")
    result.assert_outcomes(passed=3, deselected=10)


def test_with_an_older_pluggy_it_loads_and_fails_the_same_tests(pytester: pytest.Pytester) -> None:
    """Which has neither new-style wrappers nor `force_exception`."""
    pytester.makepyfile(
        older="""
        import pluggy._hooks, pluggy._result
        del pluggy._result.Result.force_exception
        def force(self, info):
            self._exception, self._traceback = info[1:]
        pluggy._result.Result._excinfo = property(fset=force)
        call = pluggy._hooks.HookimplMarker.__call__
        def older(self, function=None, *, wrapper=False, **more):
            assert not (wrapper and function is None and "zgtui.pytest_plugin" in callers())
            return call(self, function, wrapper=wrapper, **more)
        def callers():
            import sys
            frame, names = sys._getframe(), set()
            while frame:
                names.add(frame.f_globals.get("__name__"))
                frame = frame.f_back
            return names
        pluggy._hooks.HookimplMarker.__call__ = older
        """
    )
    result = run(pytester, "--zgtui", "-p", "older", "-W", "ignore::pluggy.PluggyWarning")
    told = re.findall(r"^train_tests\.py::(\S+) ([A-Z]+)", result.stdout.str(), re.MULTILINE)
    assert dict(told) == OUTCOMES
