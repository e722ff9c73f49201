"""The shell protocol is read however its bytes are cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from validator.devices.shell_frames import ShellFrames, ShellResult

FRAMES = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=8)


def frame(number: int, data: bytes) -> bytes:
    return bytes([number]) + len(data).to_bytes(4, "little") + data


def read(pieces: list[bytes], limit: int = 10_000) -> ShellResult | None:
    frames = ShellFrames(limit)
    for piece in pieces:
        frames.feed(piece)
    return frames.result()


@given(FRAMES, st.integers(0, 255), st.lists(st.integers(1, 30), max_size=40))
def test_a_result_does_not_depend_on_how_the_stream_is_cut(
    frames: list[tuple[int, bytes]], status: int, sizes: list[int]
) -> None:
    stream = b"".join(frame(number, data) for number, data in frames) + frame(3, bytes([status]))
    pieces, start = [], 0
    for size in sizes:
        pieces.append(stream[start : start + size])
        start += size
    result = read([*pieces, stream[start:]])
    assert result is not None
    assert result.exit_code == status
    assert result.data == b"".join(data for number, data in frames if number == 1)
    assert result.errors == b"".join(data for number, data in frames if number == 2).decode("utf-8", "replace")


@given(FRAMES)
def test_a_stream_that_ends_before_the_command_has_no_result(frames: list[tuple[int, bytes]]) -> None:
    assert read([frame(number, data) for number, data in frames]) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(data: bytes) -> None:
    result = read([data])
    assert result is None or 0 <= result.exit_code <= 255


def test_output_beyond_the_limit_is_dropped_and_the_status_is_still_read() -> None:
    result = read([frame(1, b"x" * 500), frame(1, b"y" * 500), frame(3, b"\x07")], limit=600)
    assert result is not None
    assert result.data == b"x" * 500 + b"y" * 100
    assert result.exit_code == 7


def test_a_complaint_is_one_line_from_whichever_stream_has_it() -> None:
    assert ShellResult(exit_code=1, data=b"Failed\n", errors="").complaint == "Failed"
    assert ShellResult(exit_code=1, data=b"", errors="no such\npackage\n").complaint == "no such package"
    assert ShellResult(exit_code=20, data=b"", errors="").complaint == "exit status 20"
