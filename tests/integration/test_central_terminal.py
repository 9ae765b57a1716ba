"""The wall on a real terminal: what a test without one does not draw the same way."""

import asyncio
import contextlib
import fcntl
import os
import pty
import struct
import sys
import termios

import pytest

from simulators.broker import free_port


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_the_first_line_is_there_from_the_beginning(tmp_path, columns, rows):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    given = ("host=127.0.0.1", f"port={free_port()}", "tls=false", "clinic=north", "station=desk")
    words = [word for one in given for word in ("--set", f"central.{one}")]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", "central", "--set", "sound.enabled=false", *words,
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env=os.environ | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HOME": str(tmp_path)},
    )  # fmt: skip
    os.close(theirs)
    os.set_blocking(ours, False)
    drawn = b""
    try:
        async with asyncio.timeout(60):
            while b"CENTRAL" not in drawn or b"NO CONNECTION" not in drawn:
                await asyncio.sleep(0.05)
                with contextlib.suppress(BlockingIOError):
                    drawn += os.read(ours, 65536)
    finally:
        process.kill()
        await process.wait()
        os.close(ours)
