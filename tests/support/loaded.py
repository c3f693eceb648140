"""What an import loads."""

from __future__ import annotations

import json
import subprocess
import sys

DRAWS = ("textual", "rich", "plotext")


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh process holds after ``statement``."""
    code = f"import json, sys\n{statement}\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout.splitlines()[-1]))
