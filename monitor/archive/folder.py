"""Which recordings there are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monitor import clock
from monitor.clock import NS_PER_S
from monitor.recording.local_time import local_text
from monitor.recording.reader import Recording

PATTERN = "*.db"


def recordings(paths: Sequence[Path]) -> list[Path]:
    """The files, and all `*.db` in the folders and the folders in them, by name.

    A folder that cannot be read is in it too: reading it tells why.
    """
    inside = (_inside(path) if path.is_dir() else [path] for path in paths)
    return list(dict.fromkeys(path for found in inside for path in found))


def _inside(folder: Path) -> list[Path]:
    unread: list[Path] = []
    walk = os.walk(folder, onerror=lambda fault: unread.append(Path(fault.filename)))
    found = [
        Path(top, name)
        for top, folders, files in walk
        for name in (*folders, *files)
        if Path(name).match(PATTERN)
    ]
    return sorted({*found, *unread})


def summary(path: Path) -> dict[str, Any]:
    """What a recording is, as plain values.

    Raises:
        RecordingError: it cannot be read.
    """
    with Recording.open(path, pages=False) as recording:
        start, anchors = recording.start_utc_ns, recording.anchors
        return {
            "recording": str(path),
            "session_id": recording.session_id,
            "subject": recording.subject,
            "mode": recording.mode,
            "start_utc": None if start is None else clock.utc_text(start),
            "start_local": None if start is None else local_text(start, anchors[0].zone),
            "zone": anchors[0].zone if anchors else None,
            "duration_s": recording.end_ns / NS_PER_S,
            "ended": recording.ended,
            "software": recording.software,
            "format": recording.version,
        }
