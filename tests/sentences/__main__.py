"""``python -m tests.sentences [PART/OF] [NAME…]``: all settings, or those whose name holds NAME."""

from __future__ import annotations

import sys

from tests.sentences.inspection import Inspected, inspect, summary
from tests.sentences.matrix import every_case


def main(arguments: list[str]) -> int:
    """Check them and print what was found; 1 where a sentence is false."""
    part, of = 0, 1
    if arguments and "/" in arguments[0]:
        part, of = map(int, arguments.pop(0).split("/"))
    cases = [
        case
        for case in every_case()
        if not arguments or any(name in case.name for name in arguments)
    ]
    found = Inspected()
    for case in cases[part::of]:
        one = inspect(case)
        found.add(one)
        if one.faults:
            print(summary(one, 6), flush=True)
    print(summary(found, 0))
    return bool(found.faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
