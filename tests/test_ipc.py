"""Lines between processes: whole, in order, none lost, and nobody ever waits for a reader."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import pytest

from tests.support.waiting import until
from zgtui.ipc import LineBuffer, LineWriter, MessageRegistry


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for end in (reader, writer):
        try:
            os.close(end)
        except OSError:
            continue


def lines_of(count: int) -> list[bytes]:
    """Lines of many lengths, so that a pipe's end falls into the middle of one."""
    return [b"%d " % number + b"x" * (number % 997) for number in range(count)]


def waits(writer: LineWriter) -> bool:
    return writer.waiting


def test_lines_come_out_whole_however_their_bytes_come_in() -> None:
    text = b"one\n\nthree\r\nfo\xff\x00ur\n"
    for size in range(1, len(text) + 1):
        buffer = LineBuffer()
        found = [
            line for at in range(0, len(text), size) for line in buffer.take(text[at : at + size])
        ]
        assert found == [b"one", b"", b"three\r", b"fo\xff\x00ur"]
    assert LineBuffer().take(b"no end") == []


def test_a_line_without_end_is_refused_and_takes_no_memory() -> None:
    buffer = LineBuffer(limit=10)
    assert buffer.take(b"0123456789\n0123") == [b"0123456789"]
    with pytest.raises(ValueError, match="longer than 10 bytes"):
        buffer.take(b"4567890")
    assert buffer.take(b"after\n") == [b"after"]
    with pytest.raises(ValueError, match="longer than 10 bytes"):
        buffer.take(b"01234567890\n")


def test_a_reader_that_stands_still_is_never_waited_for_and_misses_nothing(
    pipe: tuple[int, int],
) -> None:
    reader, descriptor = pipe
    writer, sent = LineWriter(descriptor), lines_of(5_000)
    for line in sent:
        writer.send(line + b"\n")
    assert waits(writer)
    buffer, found = LineBuffer(), list[bytes]()
    while len(found) < len(sent):
        found += buffer.take(os.read(reader, 10_000))
        writer.flush()
    assert found == sent
    assert not waits(writer)


STOPS_ITSELF = """
import os, signal, sys
os.kill(os.getpid(), signal.SIGSTOP)
sys.stdout.buffer.write(sys.stdin.buffer.read())
"""


def test_a_stopped_process_reads_everything_in_order_when_it_goes_on() -> None:
    reader = subprocess.Popen(
        [sys.executable, "-c", STOPS_ITSELF], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert reader.stdin is not None
    assert reader.stdout is not None
    with reader, reader.stdin, reader.stdout:
        os.waitid(os.P_PID, reader.pid, os.WSTOPPED)
        writer, sent = LineWriter(reader.stdin.fileno()), lines_of(2_000)
        began = time.monotonic()
        for line in sent:
            writer.send(line + b"\n")
        assert waits(writer), "the pipe took all of it: send more"
        assert time.monotonic() - began < 10.0
        reader.send_signal(signal.SIGCONT)
        writer.finish(60.0)
        assert not waits(writer)
        reader.stdin.close()
        assert reader.stdout.read().splitlines() == sent


def test_a_reader_that_is_gone_is_told(pipe: tuple[int, int]) -> None:
    reader, descriptor = pipe
    writer = LineWriter(descriptor)
    while not waits(writer):
        writer.send(b"z" * 5000 + b"\n")
    os.close(reader)
    for call in (writer.flush, lambda: writer.send(b"more\n")):
        with pytest.raises(BrokenPipeError):
            call()
        assert not waits(writer)


def test_an_end_waits_no_longer_than_it_may(pipe: tuple[int, int]) -> None:
    _, descriptor = pipe
    writer = LineWriter(descriptor)
    while not waits(writer):
        writer.send(b"z" * 5000 + b"\n")
    writer.finish(0.05)
    assert waits(writer)


def test_an_end_that_may_not_wait_sends_what_there_is_room_for(pipe: tuple[int, int]) -> None:
    reader, descriptor = pipe
    writer = LineWriter(descriptor)
    while not waits(writer):
        writer.send(b"z" * 5000 + b"\n")
    os.read(reader, 1 << 20)
    writer.finish(0.0)
    assert not waits(writer)


def test_a_field_that_is_not_given_takes_no_room() -> None:
    assert b"table" not in MENU.encode(Order("soup", 2, []))


def test_an_end_waits_for_a_reader_that_reads_within_its_time(pipe: tuple[int, int]) -> None:
    reader, descriptor = pipe
    writer = LineWriter(descriptor)
    while not waits(writer):
        writer.send(b"z" * 5000 + b"\n")
    reading = threading.Timer(0.1, lambda: [os.read(reader, 1 << 20) for _ in range(2)])
    reading.start()
    writer.finish(1.0)
    assert not waits(writer)
    reading.join()


@dataclass(frozen=True)
class Order:
    op: ClassVar[str] = "order"
    dish: Literal["soup", "bread"]
    price: float
    guests: list[str]
    table: int | None = None


@dataclass(frozen=True)
class Note:
    op: ClassVar[str] = "note"
    rest: ClassVar[str] = "words"
    words: dict[str, str]


MENU: MessageRegistry[Order | Note] = MessageRegistry("message", (Order, Note))


@pytest.mark.parametrize(
    "message", [Order("soup", 2, []), Order("bread", 0.5, ["ä\n"], 3), Note({"a": "b", "c": "\n"})]
)
def test_a_message_comes_back_with_its_number(message: Order | Note) -> None:
    line = MENU.encode(message)
    assert line.count(b"\n") == 1
    assert MENU.decode(line) == message
    numbered = MENU.encode(message, 12)
    if isinstance(message, Order):
        assert MENU.decode_numbered(numbered) == (12, message)
        with pytest.raises(ValueError, match="it has no number"):
            MENU.decode_numbered(line)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\xff", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"{}", "there is no such message"),
        (b'{"op":"dance"}', "there is no such message"),
        (b'{"op":["order"]}', "unhashable"),
        (b'["op"]', "list indices"),
        (b'{"op":"order","dish":"soup"}', "missing 2 required"),
        (b'{"op":"order","dish":"cake","price":1,"guests":[]}', "dish cannot be 'cake'"),
        (b'{"op":"order","dish":"soup","price":"x","guests":[]}', "price cannot be 'x'"),
        (b'{"op":"order","dish":"soup","price":1,"guests":{}}', "guests cannot be {}"),
        (b'{"op":"order","dish":"soup","price":1,"guests":[],"wine":1}', "order has no wine"),
    ],
)
def test_what_is_no_message_is_refused_with_one_sentence(line: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=r"^not a message: ") as raised:
        MENU.decode(line)
    assert why in str(raised.value)
    assert len(str(raised.value)) < 500


def test_a_dead_writer_leaves_no_half_line_to_be_taken_for_a_whole_one() -> None:
    code = (
        "import os; from zgtui.ipc import LineWriter\n"
        "writer = LineWriter(1)\n"
        "while not writer.waiting: writer.send(b'x' * 9999 + b'\\n')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        until(lambda: child.poll() is not None, "the end of the process")
        data = child.stdout.read()
    assert not data.endswith(b"\n"), "the end did not fall into a line"
    lines = LineBuffer().take(data)
    assert lines
    assert set(lines) == {b"x" * 9999}
