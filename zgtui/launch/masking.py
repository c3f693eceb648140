"""A script's arguments as they may be kept and shown: what is named like a secret is masked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MASK = "***"
_NAMES = {
    "apikey", "authtoken", "credential", "credentials", "key", "passphrase", "passwd", "password",
    "pwd", "secret", "token",
}  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def masked(arguments: Sequence[str]) -> Iterator[str]:
    """``arguments`` with a mask for each value of an option that one of its words names a secret.

    Understood are ``--api-key VALUE``, ``--api_key=VALUE`` and ``wandb.apiKey=VALUE``.
    """
    expected = False
    for word in arguments:
        name, given, _ = word.partition("=")
        secret = _is_secret(name)
        if given and secret:
            yield f"{name}={MASK}"
        else:
            yield MASK if expected and not word.startswith("--") else word
        expected = secret and not given and word.startswith("-")


def _is_secret(name: str) -> bool:
    words = re.split(r"[^a-z]+", _CAMEL.sub("-", name).lower())
    return not _NAMES.isdisjoint(words)
