"""A script's arguments as they may be kept and shown: what is named like a secret is masked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MASK = "***"
_NAMES = {"credential", "credentials", "key", "pwd"}
_ENDINGS = ("apikey", "authkey", "passphrase", "passwd", "password", "secret", "secretkey", "token")
"""Of a name that is written in one word."""
_IN_ADDRESS = re.compile(r"(?<=://)[^/@\s:]*:[^/@\s]+(?=@)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def masked(arguments: Sequence[str]) -> Iterator[str]:
    """``arguments`` with a mask for each value of an option that one of its words names a secret.

    Understood are ``--api-key VALUE``, ``--api_key=VALUE``, ``wandb.apiKey=VALUE`` and the
    password in ``https://name:PASSWORD@host``.
    """
    expected = False
    for word in arguments:
        name, given, _ = word.partition("=")
        secret = _is_secret(name)
        if given and secret:
            yield f"{name}={MASK}"
        else:
            shown = _IN_ADDRESS.sub(MASK, word)
            yield MASK if expected and not word.startswith("--") else shown
        expected = secret and not given and word.startswith("-")


def _is_secret(name: str) -> bool:
    words = re.split(r"[^a-z]+", _CAMEL.sub("-", name).lower())
    return any(word in _NAMES or word.endswith(_ENDINGS) for word in words)
