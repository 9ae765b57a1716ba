"""The recorder: takes what the engine hands over at once, and writes it once a second."""

from __future__ import annotations

import logging
import math
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from devices.model import NS_PER_S, Frame, SensorSpec, Validity
from monitor.clock import monotonic_ns
from monitor.recording.schema import Anchor, Kind, NewSession, VitalsRow, canonical
from monitor.recording.store import Batch, Store
from monitor.signal.hold import Quality
from monitor.signal.vitals import Vitals

logger = logging.getLogger(__name__)

COMMIT_S = 1.0
"""Real seconds between commits: what a killed engine or a power cut may lose."""
PATIENCE_S = 5.0
"""Real seconds that another program may keep the file busy before that is a trouble."""
MAX_QUEUED = 200_000
"""Entries kept in memory while the disk refuses: 10 h of three sensors and vitals at 1 Hz, about
100 MB. Beyond, samples are dropped and counted; journal entries have twice the room."""
_VALIDITY = {
    Quality.VALID: Validity.VALID.value,
    Quality.QUESTIONABLE: Validity.QUESTIONABLE.value,
    Quality.NOT_AVAILABLE: Validity.NOT_AVAILABLE.value,
}


class Recorder:
    """Writes one recording from a thread of its own.

    Every method but `flush` and `close` returns at once and never raises for the disk's sake.
    What cannot be written is tried again every second and shows in `error`.

    Args:
        path: the file.
        create: what to create it with; None goes on with a session that was not ended.

    Raises:
        RecordingError: the file exists already, or cannot be gone on with.
    """

    error: str | None
    """Why the last attempt to write failed; None when everything is well."""

    def __init__(self, path: Path, *, create: NewSession | None = None) -> None:
        self.path = path
        self.error = None
        self._store = Store.open(path) if create is None else Store.create(path, create)
        self._segment = self._store.segments
        self._queued = Batch()
        self._pending = Batch()
        self._oldest_ns: int | None = None
        self._pending_oldest_ns: int | None = None
        self._dropped = 0
        self._dropped_ns = 0
        self._accepted = 0
        self._written = 0
        self._wake = threading.Event()
        self._progress = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def lag_s(self) -> float:
        """Real seconds the oldest entry not yet on disk has been waiting; 0 when all is."""
        with self._progress:
            oldest = self._pending_oldest_ns or self._oldest_ns
        return 0.0 if oldest is None else (monotonic_ns() - oldest) / NS_PER_S

    def frames(self, frames: Sequence[Frame], values: Sequence[float | None] | None = None) -> None:
        """Record frames as received, each with its source's decoded main value for the zone map."""
        batch = Batch(frames=list(frames), values=list(values or [None] * len(frames)))
        self._put(batch, frames[-1].t_ns if frames else 0)

    def vitals(self, vitals: Vitals) -> None:
        """Record displayed vitals of consecutive seconds."""
        self.vitals_rows(vitals_rows(vitals))

    def vitals_rows(self, rows: Sequence[VitalsRow]) -> None:
        """Record displayed vitals; a second that is on record already stays as it is."""
        self._put(Batch(vitals=list(rows)), rows[-1].t_s * NS_PER_S if rows else 0)

    def journal(self, t_ns: int, kind: str, body: Mapping[str, object]) -> None:
        """Append to the journal; `kind` is one of `schema.Kind`."""
        self._put(Batch(journal=[(t_ns, kind, canonical(body))]), t_ns, share=2)

    def anchor(
        self,
        *,
        t_ns: int,
        utc_ns: int,
        zone: str,
        monotonic_ns: int,
        boot_id: str = "",
        rate: float = 1.0,
    ) -> int:
        """Tie session time to the wall clock; returns the number of the segment it begins."""
        segment, self._segment = self._segment, self._segment + 1
        row = Anchor(
            segment=segment, t_ns=t_ns, utc_ns=utc_ns, zone=zone,
            monotonic_ns=monotonic_ns, boot_id=boot_id, rate=rate,
        )  # fmt: skip
        self._put(Batch(anchors=[row]), t_ns, share=2)
        return segment

    def sensors(self, specs: Sequence[SensorSpec]) -> None:
        """Record the allow-listed sensors; an alias recorded before is brought up to date."""
        self._put(Batch(sensors=list(specs)), 0, share=2)

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything handed over so far is on disk; False if it is not by then."""
        with self._progress:
            target = self._accepted
            self._wake.set()
            return self._progress.wait_for(lambda: self._written >= target, timeout_s)

    def close(self, end_t_ns: int | None = None) -> None:
        """Write what is left and stop.

        With `end_t_ns`, the session's end, everything is sealed and the file is complete in itself;
        without, the session can be resumed. What could not be written shows in `error`.
        """
        if self._stopping:
            return
        self._stopping = True
        self._wake.set()
        self._thread.join()
        try:
            if end_t_ns is not None and self.error is None:
                self._store.finish(end_t_ns)
        except (sqlite3.Error, OSError) as fault:
            self._fail(fault)
        finally:
            self._store.close()

    def _put(self, batch: Batch, t_ns: int, share: int = 1) -> None:
        size = len(batch)
        if not size:
            return
        with self._progress:
            if self._accepted - self._written + size > share * MAX_QUEUED:
                self._drop(size, t_ns)
                return
            self._accepted += size
            self._queued.extend(batch)
            if self._oldest_ns is None:
                self._oldest_ns = monotonic_ns()

    def _run(self) -> None:
        started_ns = monotonic_ns()
        while not self._stopping:
            self._wake.wait(COMMIT_S - (monotonic_ns() - started_ns) / NS_PER_S)
            self._wake.clear()
            started_ns = monotonic_ns()
            self._attempt()
        self._attempt()
        if self._dropped and self.error is None:
            self._attempt()  # the disk is back just now: the gap must be on record too

    def _attempt(self) -> None:
        """Write what is waiting; on trouble keep it for the next attempt."""
        self._take()
        if not self._pending and self.error is None:
            return
        try:
            self._store.commit(self._pending)
        except (sqlite3.Error, OSError) as fault:
            self._fail(fault)
        except Exception:
            # Not the disk but what was handed over: without this one batch the rest can go on.
            logger.exception("a batch cannot be recorded")
            self.error = "a part of the data could not be recorded"
            self._drop(len(self._pending), 0)
            self._settle()
        else:
            self.error = None
            self._settle()

    def _take(self) -> None:
        with self._progress:
            if self._dropped and self.error is None:
                self._queued.journal.append((self._dropped_ns, Kind.GAP, self._gap()))
                self._accepted += 1
                self._dropped = 0
            self._pending.extend(self._queued)
            self._queued = Batch()
            self._pending_oldest_ns = self._pending_oldest_ns or self._oldest_ns
            self._oldest_ns = None

    def _drop(self, size: int, t_ns: int) -> None:
        self._dropped_ns = self._dropped_ns if self._dropped else t_ns
        self._dropped += size

    def _gap(self) -> str:
        body = {"source": "", "reason": "not recorded", "entries_lost": self._dropped}
        return canonical(body)

    def _settle(self) -> None:
        with self._progress:
            self._written += len(self._pending)
            self._pending = Batch()
            self._pending_oldest_ns = None
            self._progress.notify_all()

    def _fail(self, fault: Exception) -> None:
        busy = getattr(fault, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
        if busy and self.lag_s < PATIENCE_S and not self._stopping:
            return  # another program is reading or copying the file; that passes
        if self.error is None:
            logger.error("recording %s: %s", self.path, fault)
        self.error = f"cannot write {self.path.name}: {fault}"


def vitals_rows(vitals: Vitals) -> list[VitalsRow]:
    """A block of vitals as the rows that are recorded."""
    heart, skin = vitals.heart.shown, vitals.skin.shown
    columns = zip(
        vitals.ticks.tolist(),
        heart.value.tolist(),
        heart.quality.tolist(),
        skin.value.tolist(),
        skin.quality.tolist(),
        vitals.skin.suspect.tolist(),
        vitals.skin.settled.tolist(),
        strict=True,
    )
    return [
        VitalsRow(
            t_s,
            _finite(bpm),
            _VALIDITY[Quality(bpm_quality)],
            _finite(degc),
            _VALIDITY[Quality(degc_quality)],
            "probe off?" if suspect else "" if settled or _finite(degc) is None else "settling",
        )
        for t_s, bpm, bpm_quality, degc, degc_quality, suspect, settled in columns
    ]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
