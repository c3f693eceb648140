"""Wheels for installers that reach no network: of what is installed here, and made up."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

NOT_PACKED = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
"""What an installer writes beside the metadata of a wheel."""


def fill(folder: Path, names: Sequence[str]) -> None:
    """Put into ``folder`` a wheel for each of ``names`` and for all that these need.

    What is not installed here, although it is asked for, is made up.
    """
    packed: set[str] = set()
    for need in _needed(names):
        if need.name in packed:
            continue
        packed.add(need.name)
        if (found := _installed(need.name)) is not None:
            repacked(folder, found)
        else:
            lowest = [one.version for one in need.specifier if one.operator == ">="]
            made_up(folder, need.name, (*lowest, "1.0")[0])


def _needed(names: Sequence[str]) -> list[Requirement]:
    """What is to be there, each as it was asked for."""
    found: dict[str, Requirement] = {}
    asked = [Requirement(name) for name in names]
    while asked:
        one = asked.pop()
        extras = "".join(sorted(one.extras))
        if f"{one.name}[{extras}]" not in found:
            found[f"{one.name}[{extras}]"] = one
            asked += _requirements(one)
    return list(found.values())


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _requirements(asked: Requirement) -> Iterator[Requirement]:
    """What it needs in turn, with the extras that are ``asked`` for."""
    found = _installed(asked.name)
    for text in (found and found.requires) or []:
        need = Requirement(text)
        extras = ["", *asked.extras]
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras):
            yield need


def repacked(folder: Path, installed: Distribution) -> None:
    """The wheel that ``installed`` came from, but for its scripts."""
    files = {}
    for path in installed.files or []:
        beside = path.parent.suffix == ".dist-info" and path.name in NOT_PACKED
        if ".." not in path.parts and path.suffix != ".pyc" and not beside:
            files[path.as_posix()] = path.read_binary()
    (info,) = {name.split("/")[0] for name in files if name.endswith(".dist-info/METADATA")}
    lines = files[f"{info}/WHEEL"].decode().splitlines()
    tag = next(line.removeprefix("Tag: ") for line in lines if line.startswith("Tag: "))
    _write(folder, info.removesuffix(".dist-info"), tag, files)


def made_up(
    folder: Path,
    name: str,
    version: str,
    *,
    needs: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
    scripts: str = "",
) -> None:
    """A wheel of ``files``; ``scripts`` are lines such as ``name = module:function``."""
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = "".join(f"Requires-Dist: {need}\n" for need in needs)
    texts = {
        **(files or {}),
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + metadata,
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if scripts:
        texts[f"{stem}.dist-info/entry_points.txt"] = f"[console_scripts]\n{scripts}\n"
    _write(folder, stem, "py3-none-any", {name: text.encode() for name, text in texts.items()})


def _write(folder: Path, stem: str, tag: str, files: Mapping[str, bytes]) -> None:
    record = f"{stem}.dist-info/RECORD"
    rows = [f"{name},{_digest(data)},{len(data)}" for name, data in files.items()]
    with zipfile.ZipFile(folder / f"{stem}-{tag}.whl", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr(record, "\n".join([*rows, f"{record},,"]) + "\n")


def _digest(data: bytes) -> str:
    hashed = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return f"sha256={hashed.rstrip(b'=').decode()}"
