"""Dataclasses for which nothing is written and compiled while there are few objects of one.

The standard library writes and compiles up to six methods of each dataclass where it is defined:
two milliseconds. The first screen imports a hundred of them and makes an object of thirty, which
took a tenth of the time until it was there. These share methods that serve any of them.
`dataclasses` completes a class once it is asked for its fields, as by ``replace``, and writes its
constructor once so many objects were made that it pays. ``slots`` and ``InitVar`` are not for them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

__all__ = ["dataclass"]

FIELDS, MATCHED = "__dataclass_fields__", "__match_args__"
"""By the first name `dataclasses` itself asks what fields a class has, ``match`` by the second."""
FEW = 500
"""To make so many objects the slow way takes as long as to compile a constructor."""
MISSING = dataclasses.MISSING
_LOCK = RLock()


class _Field(NamedTuple):
    """What a constructor and a comparison need to know of a field."""

    name: str
    default: Any
    factory: Any
    init: bool
    compare: bool
    kw_only: bool


class _Late:
    """Stands where a class has what `dataclasses` finds out, until somebody asks for it."""

    def __init__(self, name: str, made: _Methods) -> None:
        self._name, self.made = name, made

    def __get__(self, _instance: object, owner: type) -> Any:
        self.made.complete()
        return getattr(owner, self._name)


class _Methods:
    """What serves ``cls`` in the place of written methods."""

    def __init__(self, cls: type[Any], options: Mapping[str, bool]) -> None:
        self._cls, self._options = cls, dict(options)
        self._count = 0
        self._all: list[_Field] | None = None
        self._compared: Callable[[Any], Any] | None = None
        self.interim: dict[str, object] = {}
        """What is put into the class, and taken out of it when it is completed."""
        self._is_complete = False

    @property
    def fields(self) -> list[_Field]:
        """Those of its bases come first."""
        if self._all is None:
            found: dict[str, _Field] = {}
            for base in self._cls.__mro__[::-1]:
                found.update((one.name, one) for one in _fields_of(base))
            self._all = list(found.values())
        return self._all

    def own_fields(self) -> list[_Field]:
        """Those that stand in the class itself, before it is completed."""
        known, only = vars(self._cls), self._options.get("kw_only", False)
        return [
            _field(name, known.get(name, MISSING), only)
            for name, annotation in known.get("__annotations__", {}).items()
            if "ClassVar" not in str(annotation)
        ]

    def compared(self, made: object) -> Any:
        """What of ``made`` is compared: a tuple."""
        if self._compared is None:
            names = [one.name for one in self.fields if one.compare]
            several = len(names) > 1  # else it gives the value alone
            self._compared = attrgetter(*names) if several else _tuple_of(names)
        return self._compared(made)

    def make(self, made: Any, values: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Set the fields of the new object ``made``."""
        self._count += 1
        found = _arguments(self.fields, values, named) if self._count <= FEW else None
        if found is None:  # also where `dataclasses` is to say what is wrong with the arguments
            self._cls.__init__ = constructor = self._written()
            constructor(made, *values, **named)
            return
        for name, value in found.items():
            object.__setattr__(made, name, value)
        if hasattr(self._cls, "__post_init__"):
            made.__post_init__()

    def _written(self) -> Callable[..., None]:
        """The constructor that `dataclasses` writes."""
        self.complete()  # what it does not set is then in the class
        post = {"__post_init__": None} if hasattr(self._cls, "__post_init__") else {}
        frozen = self._options.get("frozen", False)
        fields = [(one.name, Any, _as_declared(one)) for one in self.fields]
        written: Any = dataclasses.make_dataclass(
            self._cls.__name__, fields, namespace=post, frozen=frozen, eq=False, repr=False
        )
        constructor: Callable[..., None] = written.__init__
        constructor.__qualname__ = f"{self._cls.__qualname__}.__init__"
        return constructor

    def complete(self) -> None:
        """Have `dataclasses` find the fields, and write what is not there; once."""
        with _LOCK:
            if self._is_complete:
                return
            self._all = self.fields  # as they stand in the class before it is changed
            self._is_complete = True
            for name, value in self.interim.items():
                if vars(self._cls).get(name) is value:
                    delattr(self._cls, name)
            dataclasses.dataclass(**{**self._options, "init": False, "eq": False})(self._cls)


def _fields_of(cls: type) -> Sequence[_Field]:
    known = vars(cls).get(FIELDS, {})
    if isinstance(known, _Late):
        return known.made.own_fields()
    return [_field(name, one, only=False) for name, one in known.items()]


def _field(name: str, declared: Any, only: bool) -> _Field:  # noqa: FBT001 - as it is declared
    if not isinstance(declared, dataclasses.Field):
        return _Field(name, declared, MISSING, init=True, compare=True, kw_only=only)
    said = declared.kw_only
    only = only if said is MISSING else bool(said)
    one = declared
    return _Field(name, one.default, one.default_factory, one.init, one.compare, only)


def _as_declared(one: _Field) -> Any:
    kept = {"default": one.default, "default_factory": one.factory}
    given = {name: value for name, value in kept.items() if value is not MISSING}
    return dataclasses.field(init=one.init, kw_only=one.kw_only, **given)


def _tuple_of(names: Sequence[str]) -> Callable[[Any], Any]:
    return lambda made: tuple(getattr(made, name) for name in names)


def _arguments(
    fields: Sequence[_Field], values: Sequence[Any], named: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The value of each field; None where these are not the arguments of a constructor."""
    found: dict[str, Any] = {}
    at = used = 0
    for name, default, factory, init, _, kw_only in fields:
        if init and not kw_only and at < len(values):
            found[name] = values[at]
            at += 1
        elif init and name in named:
            found[name] = named[name]
            used += 1
        elif factory is not MISSING:
            found[name] = factory()
        elif default is not MISSING:
            found[name] = default
        elif init:
            return None
    return found if (at, used) == (len(values), len(named)) else None


def _lazily(cls: type[Any], options: Mapping[str, bool]) -> type[Any]:
    """``cls``, which from now on is a dataclass to whoever uses it."""
    made = _Methods(cls, options)
    cls.__init__ = lambda self, *values, **named: made.make(self, values, named)
    if options.get("eq", True):
        _compare(cls, made, frozen=options.get("frozen", False))
    interim = made.interim
    if options.get("frozen", False):
        interim["__setattr__"] = _completing(made, setattr)
        interim["__delattr__"] = _completing(made, delattr)
    if options.get("repr", True):
        interim["__repr__"] = _completing(made, repr)
    interim[MATCHED] = _Late(MATCHED, made)
    for name in [name for name in interim if name in vars(cls)]:
        del interim[name]  # what the class has itself stays
    for name, value in interim.items():
        setattr(cls, name, value)
    setattr(cls, FIELDS, _Late(FIELDS, made))
    return cls


def _compare(cls: type[Any], made: _Methods, *, frozen: bool) -> None:
    """Give ``cls`` what it does not have of ``==`` and `hash`, by the rules of `dataclasses`."""

    def equals(one: Any, other: object) -> Any:
        same = other.__class__ is one.__class__
        return made.compared(one) == made.compared(other) if same else NotImplemented

    own = vars(cls)
    hashes = own.get("__hash__") is not None or ("__hash__" in own and "__eq__" not in own)
    if "__eq__" not in own:
        cls.__eq__ = equals  # type: ignore[assignment]  # of this class alone
    if not hashes:
        found = (lambda one: hash(made.compared(one))) if frozen else None
        cls.__hash__ = found  # type: ignore[assignment]  # of this class alone


def _completing(made: _Methods, call: Callable[..., Any]) -> Callable[..., Any]:
    """A method that has `dataclasses` write the one that takes its place."""

    def method(self: Any, *values: Any) -> Any:
        made.complete()
        return call(self, *values)

    return method


if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls: type[Any] | None = None, /, **options: bool) -> Any:
        """A class that does what one made by `dataclasses.dataclass` does; without ``slots``."""
        return _lazily(cls, options) if cls is not None else lambda made: _lazily(made, options)
