"""Run by Python itself when a script's process starts, since this folder is on PYTHONPATH.

It takes its folder off ``sys.path`` again, prepares the observation, and then runs the
``sitecustomize`` that would have been run without it.
"""

import importlib.util
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib would slow down every process of the user's
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _here]  # noqa: PTH100 - as above


def _prepare() -> None:
    package = os.path.dirname(os.path.dirname(_here))  # noqa: PTH120 - as above
    if "zgtui" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "zgtui",
            os.path.join(package, "__init__.py"),  # noqa: PTH118 - as above
            submodule_search_locations=[package],
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["zgtui"] = module
        spec.loader.exec_module(module)
    from zgtui.instrument.startup import prepare  # noqa: PLC0415 - found only now

    prepare()


def _chain() -> None:
    ours = sys.modules.pop("sitecustomize", None)
    spec = importlib.util.find_spec("sitecustomize")
    if spec is None or spec.loader is None:
        if ours is not None:
            sys.modules["sitecustomize"] = ours
        return
    theirs = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = theirs
    spec.loader.exec_module(theirs)


if "ZGTUI_SCRIPT_RUN" in os.environ:
    try:
        _prepare()
    except Exception as error:  # noqa: BLE001 - whatever it is, the script goes on
        sys.stderr.write(f"zgtui: this script is not observed: {type(error).__name__}: {error}\n")
_chain()
