"""What a script's threads share: a lock under which they tell what they do, and who trains.

Torch lets go of the interpreter while it writes gradients and while it drops them. So a gradient
that another thread may be at must not even be looked at.
"""

from __future__ import annotations

import os
import threading

LOCK = threading.RLock()
"""Held while observers are told and calls are followed; never while the script's own code runs."""

# A fork waits for its turn, too: what another thread is about to note would stay half done.
os.register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=LOCK.release)


class AtWork:
    """Which threads have gone back, cleared or stepped."""

    def __init__(self) -> None:
        self._threads: set[int] = set()
        self._ever: dict[int, threading.Thread] = {}
        """Those that ever have; the number of one that is gone may be given to another."""
        self._newest = 0
        self._beside = False

    @property
    def side_by_side(self) -> int:
        """How many ever have, if any did while another lived; 1 where each waited for the last."""
        return len(self._ever) if self._beside else 1

    def begins(self) -> int:
        """This one does so now; its number."""
        here = threading.get_ident()
        self._threads.add(here)
        if here != self._newest:
            self._newest = here
            self._ever[here] = threading.current_thread()
            self._beside = self._beside or self._another_lives(here)
        return here

    def _another_lives(self, here: int) -> bool:
        """Whether one that has ever lives; the main one may only be waiting for this one."""
        main = threading.main_thread()
        others = (thread for number, thread in self._ever.items() if number != here)
        return any(thread is not main and thread.is_alive() for thread in others)

    def is_one(self) -> bool:
        """Whether one thread alone has, of those that are not known to be gone."""
        return len(self._threads) == 1

    def others(self) -> bool:
        """Whether another one has that lives; the threads that torch starts itself do not count."""
        here = threading.get_ident()
        if self._threads <= {here}:
            return False
        alive = {thread.ident for thread in threading.enumerate()}
        self._threads &= alive
        return len(self._threads - {here}) > (here not in alive)
