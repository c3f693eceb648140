"""What the checks of a GPU train on: the first one, or in a trial without any the processor.

A trial (`tests/cuda/run.sh --trial`) goes through the code of the checks, so that none fails on the
first GPU it sees for a slip of its own. What only a GPU does has a stand-in.
"""

from __future__ import annotations

import os

from zgtui.training.joint.capturers import Capturer, suitable_capturer

VARIABLE = "CUDA_CHECKS_ON"
TRIAL = os.environ.get(VARIABLE) == "cpu"
GPU = "cpu" if TRIAL else "cuda:0"
KIND = GPU.partition(":")[0]


def capturer() -> Capturer:
    """CUDA graphs, or what stands in for them."""
    if TRIAL:
        from tests.support.capturing import FakeCapturer  # noqa: PLC0415 - not needed on a GPU

        return FakeCapturer()
    found = suitable_capturer(GPU)
    assert found is not None
    return found
