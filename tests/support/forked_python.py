"""A Python that has imported torch and what draws already, and forks where another would import it.

Started by `tests.support.forks` with the number of a socket and the names of modules to import
first. A job is a Python command with its environment, folder and files; the answer is the number of
the process that is now that command. It becomes so as a starting interpreter does, as far as a
program can tell: with arguments, environment, standard streams, signals, paths, ``sitecustomize``
and modules of its own. What was imported beforehand is handed out only when it is imported, so that
hooks see it come. Python commands that such a process starts itself begin the same way, until it
has imported torch; from then on it starts others as ever, but for torchrun and a script that spawns
its ranks, which start them through a process that was forked before.

It imports nothing of this project: each fork does that anew.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import ctypes
import faulthandler
import fcntl
import gc
import importlib
import inspect
import io
import json
import linecache
import multiprocessing.util
import os
import runpy
import signal
import site
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback
import types
import warnings
import weakref
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

FLAGS = {"-u", "-I", "-S"}
"""What may stand before the script; with anything else a process is started."""
READ_AT_START = ("LC_", "LANG", "PYTHON", "LD_", "OMP_", "MKL_", "KMP_", "TORCH_")
"""Variables that Python and torch read as they start: with others a process is started."""
HANDLED = {
    "PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONHASHSEED", "PYTHONIOENCODING", "OMP_NUM_THREADS",
    "MKL_NUM_THREADS", "TORCH_COMPILE_DISABLE", "PYTHONSAFEPATH", "PYTHONFAULTHANDLER",
    "TORCH_NCCL_ASYNC_ERROR_HANDLING",
    "KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK",  # scikit-learn sets them as it is imported
}  # fmt: skip
"""Those whose effect a fork has as well, or nobody looks at; all have one seed for hashes."""
DRAWING = {
    "plotext": ["plotext"],
    "textual": [
        "rich.markdown", "rich.progress", "textual.app", "textual.command",
        "textual.drivers.linux_driver", "textual.widgets._data_table", "textual.widgets._digits",
        "textual.widgets._input", "textual.widgets._markdown", "textual.widgets._option_list",
        "textual.widgets._tree",
    ],
}  # fmt: skip
"""What draws, which takes longer to import than most of what is drawn; left out where it isn't."""
READ_BY_DRAWING = ("TEXTUAL", "TERM_PROGRAM", "ESCDELAY")
"""Variables that it reads as it is imported: with others it is imported anew."""
ANIMATIONS = "TEXTUAL_ANIMATIONS"
"""One that textual only keeps, to look at when an app begins: it is read anew, and no more."""
OF_SNAPSHOTS = "TEXTUAL_SNAPSHOT_TEMPDIR"
"""One that pytest-textual-snapshot sets for all that the tests start, and only it reads."""
IGNORED_BY_SHELLS = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)
"""What started the tests may ignore them, as nohup and ``&`` do; a shell's own command does not."""
LAUNCHER = "torch.distributed.run"
SPAWNS = ["--spawn"]
"""What a script is told that is to start its ranks itself, by `torch.multiprocessing.spawn`."""
PR_SET_CHILD_SUBREAPER = 36
BIGGEST = 1 << 17
"""Bytes of a job, at most."""
SPAWN: Callable[..., int] = multiprocessing.util.spawnv_passfds
kept: list[object] = []
"""What of a parent must not go: it could write to files, or close them, that are the fork's."""


Parts: TypeAlias = Mapping[str, types.ModuleType]


class Words(NamedTuple):
    """The words of a Python command; ``kind`` is ``-m``, ``-c`` or empty."""

    flags: set[str]
    kind: str
    name: str
    arguments: list[str]


def words_of(command: Sequence[str], folder: str) -> Words | None:
    """What a command starts; None where that is not understood."""
    rest = list(command[1:])
    flags = set()
    while rest and rest[0] in FLAGS:
        flags.add(rest.pop(0))
    if rest and rest[0].startswith("-m"):
        rest[:1] = filter(None, ["-m", rest[0][2:]])
    kind = rest.pop(0) if rest and rest[0] in {"-m", "-c"} else ""
    if not rest or (not kind and not Path(folder, rest[0]).is_file()):
        return None
    return Words(flags, kind, rest[0], rest[1:])


def starting_with(beginnings: tuple[str, ...], environment: Mapping[str, str]) -> dict[str, str]:
    """Variables whose names begin so."""
    return {name: environment[name] for name in environment if name.startswith(beginnings)}


def root_of(name: str) -> str:
    """The package at the top that a module belongs to."""
    return name.partition(".")[0]


def roots(names: Iterable[str]) -> set[str]:
    """The packages at the top that modules belong to."""
    return set(map(root_of, names))


def read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """What of ``environment`` a fork cannot make up for: it speaks UTF-8 in any case."""
    told = starting_with(READ_AT_START, environment)
    for name in HANDLED:
        told.pop(name, None)
    if told.get("LC_ALL") == "C.UTF-8":
        del told["LC_ALL"]
    return told


def can_become(
    command: Sequence[str], environment: Mapping[str, str], folder: str, known: Mapping[str, str]
) -> bool:
    """Whether a fork can be a command's process as well as one that is started.

    ``known`` is what the forking process read at its start.
    """
    return (
        command[0] == sys.executable
        and words_of(command, folder) is not None
        and read_at_start(environment) == known
        and environment.get("PYTHONIOENCODING", "utf-8") == "utf-8"
    )


class Given(Loader):
    """Loads a module that is there already."""

    def __init__(self, module: types.ModuleType, done: Callable[[str], None]) -> None:
        self._module, self._spec, self._done = module, module.__spec__, done

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return self._module

    def exec_module(self, module: types.ModuleType) -> None:
        module.__spec__ = self._spec
        self._done(module.__name__)


class HandsOut(MetaPathFinder):
    """Modules that are there already, each given to who imports it first."""

    def __init__(self, names: Iterable[str], parts: Mapping[str, Parts]) -> None:
        """With some of ``names`` come ``parts``: other modules, theirs and those they need."""
        self._parts = parts
        self._modules = {name: sys.modules[name] for name in names if name in sys.modules}
        self._specs = {name: module.__spec__ for name, module in self._modules.items()}

    @property
    def untouched(self) -> bool:
        """Whether nobody has asked for torch."""
        return "torch" in self._modules

    def hide(self) -> None:
        """As if none had been imported."""
        for name, module in self._modules.items():
            for part in self._parts.get(name, {name: module}):
                sys.modules.pop(part, None)
        sys.meta_path.insert(0, self)

    def holds(self, names: Collection[str]) -> bool:
        """Whether nobody has asked for any of these."""
        return all(name in self._modules for name in names)

    def forget(self, names: Collection[str]) -> None:
        """Let these be imported anew."""
        for name in names:
            self._modules.pop(name, None)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        known = self._specs.get(fullname)
        if known is None or fullname not in self._modules:
            return None
        given = Given(self._modules[fullname], self._given)
        spec = ModuleSpec(fullname, given, origin=known.origin)
        spec.submodule_search_locations = known.submodule_search_locations
        return spec

    def _given(self, name: str) -> None:
        module: Any = self._modules.pop(name)
        for part, there in self._parts.get(name, {}).items():
            sys.modules.setdefault(part, there)
            self._modules.pop(part, None)
        if name == "torch":
            self._settle(module)

    def _settle(self, torch: Any) -> None:
        """What torch does, and what it reads, as it is imported."""
        if "numpy" in self._modules:
            importlib.import_module("numpy")
        torch.default_generator.seed()
        threads = os.environ.get("OMP_NUM_THREADS", os.environ.get("MKL_NUM_THREADS", ""))
        if threads.isdecimal():
            torch.set_num_threads(int(threads))
        if os.environ.get("TORCH_COMPILE_DISABLE") == "1":
            torch._dynamo.config.disable = True


def read_by_drawing() -> dict[str, str]:
    """What of this process's variables cannot be made up for once what draws is imported."""
    told = starting_with(READ_BY_DRAWING, os.environ)
    for name in (ANIMATIONS, OF_SNAPSHOTS):
        told.pop(name, None)
    return told


def import_what_draws() -> dict[str, Parts]:
    """Each package that came, and what is there once it is imported."""
    found: dict[str, Parts] = {}
    for package, modules in DRAWING.items():
        before = roots(sys.modules) | sys.stdlib_module_names
        for module in modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
        came = {name: sys.modules[name] for name in sys.modules if root_of(name) not in before}
        for root in roots(came):
            # A package that asks for others has them from now on, as if it had imported them.
            found[root] = {name: came[name] for name in came if root in {package, root_of(name)}}
    return found


class Python:
    """This interpreter as it was before any program ran in it, and what a fork makes of it."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._known = read_at_start(os.environ)
        self._errors = sys.stdin.errors or "strict"  # those of the locale, as for stdout
        self._path = [entry for entry in sys.path if entry != str(Path(__file__).parent)]
        for module in ("torch", *modules):
            importlib.import_module(module)
        torch = sys.modules["torch"]
        # What a first optimizer and its first step import is imported once, here.
        torch.optim.SGD([torch.zeros(1)], lr=0.1).step()
        self._roots = {"torch", "numpy", *modules}
        self._draws = import_what_draws()
        self._drawing = read_by_drawing()
        self._modules = set(sys.modules)
        self._hands_out = HandsOut([*self._roots, *self._draws], self._draws)
        self._hook = sys.excepthook
        self._finders = list(sys.meta_path)
        self._start = subprocess.Popen._execute_child  # type: ignore[attr-defined]
        self._parameters = inspect.signature(self._start)
        self._server: socket.socket | None = None

    # In the fork

    def become(self, words: Words, environment: Mapping[str, str], folder: str) -> None:
        """Run a command as this process; never returns."""
        code = 1
        try:
            kept.extend([dict(sys.modules), sys.stdin, sys.stdout, sys.stderr])
            gc.freeze()
            self._reset(environment, folder)
            self._open_streams(unbuffered="-u" in words.flags)
            self._set_path(words)
            self._forget_modules()
            self._hands_out.hide()
            subprocess.Popen._execute_child = self._starter()  # type: ignore[attr-defined]
            processes: Any = multiprocessing.util
            processes.spawnv_passfds = SPAWN
            if words.name == LAUNCHER or words.arguments == SPAWNS:
                self._fork_server()
                processes.spawnv_passfds = self._spawn
            if not words.flags & {"-I", "-S"}:
                site.execsitecustomize()
            code = self._run(words)
        except BaseException:  # noqa: BLE001 - a fork must not go on as its parent
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(code)

    def _reset(self, environment: Mapping[str, str], folder: str) -> None:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        signal.set_wakeup_fd(-1)
        for number in signal.valid_signals():
            if signal.getsignal(number) not in {signal.SIG_DFL, signal.SIG_IGN, None}:
                signal.signal(number, signal.SIG_DFL)
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.excepthook = self._hook
        sys.meta_path[:] = self._finders
        weakref.finalize._registry.clear()  # type: ignore[attr-defined]
        weakref.finalize._registered_with_atexit = False  # type: ignore[attr-defined]
        linecache.clearcache()
        tempfile.tempdir = None
        if (numbers := sys.modules.get("numpy.random")) is not None:
            numbers.seed()

    def _open_streams(self, *, unbuffered: bool) -> None:
        errors = "strict" if "PYTHONIOENCODING" in os.environ else self._errors
        unbuffered = unbuffered or bool(os.environ.get("PYTHONUNBUFFERED"))
        if os.environ.get("PYTHONFAULTHANDLER"):
            faulthandler.enable(2)

        def writer(descriptor: int, errors: str) -> io.TextIOWrapper:
            raw: Any = io.FileIO(descriptor, "w", closefd=False)
            at_once = raw if unbuffered else io.BufferedWriter(raw)
            return io.TextIOWrapper(
                at_once,
                "utf-8",
                errors,
                line_buffering=descriptor == 2 or raw.isatty(),
                write_through=unbuffered,
            )

        sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", errors=errors, closefd=False)  # type: ignore[misc] # noqa: SIM115 - for good
        sys.stdout = sys.__stdout__ = writer(1, errors)  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = writer(2, "backslashreplace")  # type: ignore[misc]

    def _set_path(self, words: Words) -> None:
        own = [str(Path(words.name).resolve().parent)]
        first = {"-m": [str(Path.cwd())], "-c": [""]}.get(words.kind, own)
        given = os.environ.get("PYTHONPATH", "")
        if "-I" in words.flags or os.environ.get("PYTHONSAFEPATH"):
            first = []
        if "-I" in words.flags:
            given = ""
        sys.path[:] = [*first, *(given.split(os.pathsep) if given else []), *self._path]
        sys.path_importer_cache.clear()

    def _forget_modules(self) -> None:
        """All that a parent imported, but for parts of what can be imported only once."""
        anew = (
            read_by_drawing() != self._drawing
            or not self._hands_out.holds(self._draws)  # a parent has drawn with them
        )
        for name in list(sys.modules):
            root = root_of(name)
            if (anew and root in self._draws) or (
                name not in self._modules and root not in self._roots
            ):
                del sys.modules[name]
        if anew:
            self._hands_out.forget(self._draws)
        elif (constants := self._draws.get("textual", {}).get("textual.constants")) is not None:
            vars(constants)[ANIMATIONS] = constants._get_textual_animations()
        sys.modules.pop("sitecustomize", None)

    def _run(self, words: Words) -> int:
        sys.argv = [{"-m": words.name, "-c": "-c"}.get(words.kind, words.name), *words.arguments]
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        main.__dict__["__builtins__"] = builtins
        try:
            self._run_main(words, main)
        except SystemExit as end:
            code = self._exit_code(end)
        except BaseException as error:  # noqa: BLE001 - as the interpreter ends
            code = self._tell(error)
        else:
            code = 0
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        try:
            sys.stdout.flush()
        except (OSError, ValueError):
            return 120
        if code < 0:
            signal.signal(-code, signal.SIG_DFL)
            os.kill(os.getpid(), -code)
        return code

    @staticmethod
    def _run_main(words: Words, main: types.ModuleType) -> None:
        if words.kind == "-m":
            runpy._run_module_as_main(words.name)  # type: ignore[attr-defined]
            return
        text: str | bytes = words.name
        name = "<string>"
        if not words.kind:
            name = main.__file__ = str(Path(words.name).absolute())
            main.__loader__ = SourceFileLoader("__main__", name)
            text = Path(name).read_bytes()
        exec(compile(text, name, "exec", dont_inherit=True), main.__dict__)

    @staticmethod
    def _exit_code(end: SystemExit) -> int:
        if end.code is None or isinstance(end.code, int):
            return (end.code or 0) & 0xFF
        sys.stderr.write(f"{end.code}\n")
        return 1

    @staticmethod
    def _tell(error: BaseException) -> int:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        return -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1

    # In a fork that starts another process

    def _fork_server(self) -> None:
        """Start one that forks as this process was forked; it ends with this process."""
        self._server, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork() == 0:
            self._server.close()
            serve(theirs, self)
            os._exit(0)
        theirs.close()

    def _starter(self) -> Callable[..., None]:
        def start(popen: Any, *given: Any) -> None:
            call = self._parameters.bind(popen, *given).arguments
            command, environment, folder = what(call) if is_plain(call) else ([""], {}, "")
            if not can_become(command, environment, folder, self._known):
                self._start(popen, *given)
                return
            if self._hands_out.untouched:
                popen.pid = self._fork(call, command, environment, folder)
            elif self._server is not None and call["preexec_fn"] is None:
                popen.pid = ask(self._server, call)
            else:
                self._start(popen, *given)
                return
            popen._child_created = True
            close_pipes(popen, call)

        return start

    def _spawn(self, path: bytes, words: Sequence[str], numbers: Iterable[int]) -> int:
        """In place of `multiprocessing.util.spawnv_passfds`."""
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
        call = {
            "args": [os.fsdecode(path), *words[1 + len(flags) :]],  # a fork has these anyway
            "pass_fds": sorted(map(int, numbers)),
            "start_new_session": False,
            "preexec_fn": None,
            **dict.fromkeys(("env", "cwd")),
            **dict.fromkeys(("p2cread", "c2pwrite", "errwrite"), -1),
        }
        if self._server is None or not can_become(*what(call), self._known):
            return SPAWN(path, words, numbers)
        return ask(self._server, call)

    def _fork(
        self,
        call: Mapping[str, Any],
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: str,
    ) -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of threads, which the fork does not have
            child = os.fork()
        if child == 0:
            self._as_child(call, command, environment, folder)
        return child

    def _as_child(
        self,
        call: Mapping[str, Any],
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: str,
    ) -> None:
        try:
            begin(files(call), new_session=call["start_new_session"], before=call["preexec_fn"])
            show_as(command)
            atexit._clear()
            if (processes := sys.modules.get("multiprocessing.util")) is not None:
                atexit.register(processes._exit_function)
            words = words_of(command, folder)
            assert words is not None
            self.become(words, environment, folder)
        finally:
            os._exit(1)


# What both sides know of a call of `subprocess.Popen`


def is_plain(call: Mapping[str, Any]) -> bool:
    """Whether a process is to be started of which a fork can take the place."""
    unusual = ("executable", "gid", "gids", "uid")
    return (
        isinstance(call["args"], list | tuple)
        and not call["shell"]
        and all(call[name] is None for name in unusual)
        and call.get("umask", -1) == -1
        and call.get("process_group", -1) in {-1, None}
        and (call["cwd"] is None or Path(call["cwd"]).is_dir())
    )


def what(call: Mapping[str, Any]) -> tuple[list[str], dict[str, str], str]:
    """The command, its environment and its folder."""
    env = os.environ if call["env"] is None else call["env"]
    environment = {os.fsdecode(name): os.fsdecode(value) for name, value in env.items()}
    folder = str(Path(os.fsdecode(call["cwd"] or ".")).absolute())
    return [os.fsdecode(word) for word in call["args"]], environment, folder


def files(call: Mapping[str, Any]) -> dict[int, int]:
    """The files of the new process, by number, as numbers here."""
    pipes = (call["p2cread"], call["c2pwrite"], call["errwrite"])
    standard = {number: number if pipe < 0 else pipe for number, pipe in enumerate(pipes)}
    return {**{number: number for number in call["pass_fds"]}, **standard}


def ask(server: socket.socket, call: Mapping[str, Any]) -> int:
    """Have a command forked by ``server``; its number, as that of a child of this process."""
    command, environment, folder = what(call)
    numbers = files(call)
    job = {
        "command": command,
        "environment": environment,
        "folder": folder,
        "files": list(numbers),
        "new_session": bool(call["start_new_session"]),
        "terminal": call["preexec_fn"] is as_in_a_terminal,
    }
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        socket.send_fds(server, [json.dumps(job).encode()], list(numbers.values()))
        return int(server.recv(64))
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def close_pipes(popen: Any, call: Mapping[str, Any]) -> None:
    """Close the other process's ends."""
    names = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
    popen._close_pipe_fds(*(call[name] for name in names))


# How a fork begins


def begin(
    numbers: Mapping[int, int], *, new_session: bool, before: Callable[[], object] | None
) -> None:
    """Take over files, and close all others."""
    above = max([*numbers, *numbers.values()]) + 1
    moved = {}
    for at, (target, source) in enumerate(numbers.items()):
        moved[target] = above + at
        os.dup2(source, above + at)
    for target, number in moved.items():
        os.dup2(number, target)
    last = 0
    for target in [*sorted(numbers), 1 << 16]:
        if last < target:
            os.closerange(last, target)
        last = target + 1
    if new_session:
        os.setsid()
    if before is not None:
        before()


def as_in_a_shell() -> None:
    """Let signals do what they do in a shell, however the tests were started."""
    for number in IGNORED_BY_SHELLS:
        signal.signal(number, signal.SIG_DFL)


def as_in_a_terminal() -> None:
    """Have the terminal that input comes from as one's own, so that it may hang up."""
    as_in_a_shell()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def show_as(command: Sequence[str]) -> None:
    """Have ``ps`` show ``command``: it takes the room of this process's own words."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])
    words = b"".join(os.fsencode(word) + b"\0" for word in command)[: end - start - 1]
    ctypes.memmove(start, words.ljust(end - start, b"\0"), end - start)


def serve(connection: socket.socket, python: Python) -> None:
    """Fork for each job that comes, until none will."""
    while True:
        data, numbers, _, _ = socket.recv_fds(connection, BIGGEST, 64)
        if not data:
            return
        reads, writes = os.pipe()
        between = os.fork()
        if between == 0:
            # Its parent gone, the fork is the child of who asked for it.
            parent = os.getpid()
            if os.fork() == 0:
                job = json.loads(data)
                if job["new_session"]:
                    os.setsid()  # before anyone knows of it, as in a process that is started
                os.write(writes, str(os.getpid()).encode())
                while os.getppid() == parent:
                    time.sleep(0.0002)
                take(python, job, numbers)
            os._exit(0)
        os.waitpid(between, 0)
        connection.send(os.read(reads, 64))
        for number in (reads, writes, *numbers):
            os.close(number)


def take(python: Python, job: Mapping[str, Any], numbers: Sequence[int]) -> None:
    """In the fork: do as a job says."""
    try:
        given = dict(zip(job["files"], numbers, strict=True))
        before = as_in_a_terminal if job["terminal"] else None
        begin(given, new_session=False, before=before)
        show_as(job["command"])
        words = words_of(job["command"], job["folder"])
        assert words is not None
        python.become(words, job["environment"], job["folder"])
    finally:
        os._exit(1)


if __name__ == "__main__":
    as_in_a_shell()
    served = socket.socket(fileno=int(sys.argv[1]))
    prepared = Python(sys.argv[3:])
    gc.collect()
    gc.freeze()
    served.send(b"ready")
    serve(served, prepared)
