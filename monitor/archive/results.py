"""Answers kept as Parquet in a folder: part by part as they come, so that a run can go on later.

`OUT/recordings/*.parquet` tells which recordings are done; each part of it is put there after the
parts of the same number of the other tables. What has no part there was not finished, and is
removed when a run goes on; and so is a part there whose other tables have lost theirs. Files of
others are left alone.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from monitor import config
from monitor.archive import tables
from monitor.archive.asking import Chunk
from monitor.archive.identity import differences, identity
from monitor.errors import EnvironmentFault, ExportError
from monitor.exchange.new_file import unwritable, write_all
from monitor.extras import need
from monitor.recording.opening import LOGS
from monitor.what_if import Question

MANIFEST, LOCK = "question.json", ".lock"
PART, UNFINISHED = re.compile(r"\d{6,}\.parquet"), re.compile(r"\.\d{6,}\.parquet\..*")
"""Names of our own in a table's folder: whole, and while it is written (`new_file.write_all`)."""
FORMAT = 1
"""Of the tables; another one is another question."""


@contextmanager
def opened(folder: Path, question: Question) -> Iterator[Results]:
    """The folder of a question's answers, made if it is not there, for one run at a time.

    Raises:
        MissingExtraError: `pyarrow` is not installed.
        ExportError: it holds something else, another question's answers, or cannot be written.
        EnvironmentFault: another run is writing there.
    """
    need("pyarrow", "--parquet")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, mode=0o600)
        lock.acquire(timeout=0)
    except Timeout as fault:
        raise EnvironmentFault(f"{folder}: another run is writing there") from fault
    except OSError as fault:
        raise unwritable(folder, fault) from fault
    with lock:
        with _on_disk(folder):
            _claim(folder, question)
        yield Results(folder, question)


@contextmanager
def _on_disk(folder: Path) -> Iterator[None]:
    """What the disk refuses is told as such."""
    try:
        yield
    except OSError as fault:
        raise unwritable(Path(fault.filename or folder), fault) from fault


def manifest(question: Question) -> dict[str, Any]:
    """What the answers in a folder are answers to; equal if they would be the same."""
    limits = config.alarm_hash(
        config.load(question.config_path, question.overrides, content=question.content)
    )
    return {
        "format": FORMAT,
        "limits_hash": limits,
        "other_limits": question.changes,
        "overrides": list(question.overrides),
        "compare": question.compare,
        "sweep": asdict(question.sweep) if question.sweep else None,
        "software": identity(),
    }


def _claim(folder: Path, question: Question) -> None:
    """Make it this question's folder, or see that it is."""
    asked = json.loads(json.dumps(manifest(question)))
    path = folder / MANIFEST
    if not path.exists():
        if others := sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")):
            raise ExportError(f"{folder}: holds something else ({others[0]}); give an empty folder")
        write_all({path: json.dumps(asked, indent=1).encode()}, overwrite=True)
        return
    try:
        stored = json.loads(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise ExportError(f"{path}: cannot be read ({fault})") from fault
    if stored != asked:
        what = _unlike(asked, stored)
        raise ExportError(f"{folder}: holds the answers to another question; {what}")


def _unlike(asked: dict[str, Any], stored: Any) -> str:
    stored = stored if isinstance(stored, dict) else {}
    keys = [key for key in asked if key != "software" and asked[key] != stored.get(key)]
    words = [f"{key}: {json.dumps(stored.get(key))} (now {json.dumps(asked[key])})" for key in keys]
    software = differences(asked["software"], stored.get("software") or {})
    return "; ".join([*words, *([software] if software else [])]) + "; give another folder"


def file_state(path: Path) -> str:
    """Size and time of change of a recording and of the logs beside it; "" if it is not there."""
    try:
        first = path.stat()
    except OSError:
        return ""
    parts = [f"{first.st_size}:{first.st_mtime_ns}"]
    for log in LOGS:
        with suppress(OSError):
            one = path.with_name(path.name + log).stat()
            parts.append(f"{log}:{one.st_size}:{one.st_mtime_ns}")
    return " ".join(parts)


def key(path: Path) -> str:
    """A recording's name in the tables: its absolute path, bytes that are no text escaped."""
    name = os.path.abspath(path)  # noqa: PTH100 - takes out `..`, and follows no links
    return os.fsencode(name).decode(errors="backslashreplace")


class Results:
    """The folder, while one run writes there. Made by `opened`.

    Attributes:
        folder: where it is.
        done: by absolute path of what is done, whether there was a finding.
    """

    def __init__(self, folder: Path, question: Question) -> None:
        self.folder = folder
        self.done: dict[str, bool] = {}
        self._question = question
        self._tables = tables.names(question)
        self._states: dict[str, str] = {}
        self._arrow = need("pyarrow", "--parquet")
        self._parquet = need("pyarrow.parquet", "--parquet")
        self._next = 1

    def rest(self, paths: Sequence[Path]) -> list[Path]:
        """Those still to be asked; rows of a changed file, or of one that was bad, are removed."""
        self._states = {key(path): file_state(path) for path in paths}
        with _on_disk(self.folder):
            self._go_on()
        return [path for path in paths if key(path) not in self.done]

    def _go_on(self) -> None:
        self._sweep_up()
        for part in self._parts(tables.RECORDINGS):
            again = set()
            for row in self._read(part, ["path", "file_state", "outcome", "finding"]).to_pylist():
                state = self._states.get(row["path"], row["file_state"])
                if row["outcome"] == tables.OK and row["file_state"] == state:
                    self.done[row["path"]] = bool(row["finding"])
                elif row["path"] in self._states:
                    again.add(row["path"])
            if again:
                self._remove(part.name, again)
        self._tidy()

    def keep(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """The same chunks, each once it is safely in the folder."""
        for chunk in chunks:
            named = [(Path(key(path)), result) for path, result in chunk]
            rows = tables.rows(named, self._question, self._states)
            name = f"{self._next:06d}.parquet"
            for table in self._tables:
                self._write(table, name, self._table(table, rows[table]))
            self._next += 1
            good = [row for row in rows[tables.RECORDINGS] if row["outcome"] == tables.OK]
            self.done.update((row["path"], row["finding"]) for row in good)
            yield chunk

    def _parts(self, table: str) -> list[Path]:
        found = (self.folder / table).glob("*.parquet")
        return sorted(path for path in found if PART.fullmatch(path.name))

    def _sweep_up(self) -> None:
        """Make the folders; remove what was not finished, or lost a part since."""
        for table in self._tables:
            (self.folder / table).mkdir(mode=0o700, exist_ok=True)
        for part in self._parts(tables.RECORDINGS):
            if not all(self._is_whole(self.folder / t / part.name) for t in self._tables[:-1]):
                part.unlink()
        self._tidy()

    def _tidy(self) -> None:
        """Remove parts of no recordings; find the number of the next part."""
        finished = {part.name for part in self._parts(tables.RECORDINGS)}
        for path in [path for table in self._tables for path in (self.folder / table).iterdir()]:
            own = PART.fullmatch(path.name)
            if UNFINISHED.fullmatch(path.name) or (own and path.name not in finished):
                path.unlink()
            elif not own and path.suffix == ".parquet":
                raise ExportError(f"{path}: is none of Vigil's and would be counted; move it away")
        self._next = max((int(Path(name).stem) for name in finished), default=0) + 1

    def _is_whole(self, part: Path) -> bool:
        try:
            self._read(part)
        except ExportError:
            return False
        return True

    def _remove(self, name: str, paths: set[str]) -> None:
        """Rewrite a part without these; that of the recordings last, so that it can be repeated."""
        for table in self._tables:
            before = self._read(self.folder / table / name)
            keep = [path not in paths for path in before.column("path").to_pylist()]
            after = before.filter(self._arrow.array(keep, self._arrow.bool_()))
            if table == tables.RECORDINGS and not after.num_rows:
                (self.folder / table / name).unlink()
            else:
                self._write(table, name, after)

    def _read(self, part: Path, columns: list[str] | None = None) -> Any:
        try:
            return self._parquet.ParquetFile(part).read(columns)
        except (OSError, self._arrow.ArrowException) as fault:
            raise ExportError(f"{part}: cannot be read ({fault}); delete it to go on") from fault

    def _table(self, name: str, rows: Sequence[tables.Row]) -> Any:
        kinds = {
            tables.TEXT: self._arrow.string(),
            tables.WHOLE: self._arrow.int64(),
            tables.NUMBER: self._arrow.float64(),
            tables.YES: self._arrow.bool_(),
            tables.TIME: self._arrow.timestamp("us", tz="UTC"),
        }
        fields = [(column, kinds[kind]) for column, kind in tables.COLUMNS[name].items()]
        return self._arrow.Table.from_pylist(list(rows), schema=self._arrow.schema(fields))

    def _write(self, table: str, name: str, content: Any) -> None:
        out = io.BytesIO()
        self._parquet.write_table(content, out, compression="zstd")
        where = self.folder / table
        write_all({where / name: out.getvalue()}, overwrite=True)
        with _on_disk(where):
            _sync(where)


def _sync(folder: Path) -> None:
    """Have the disk keep the names too; Windows has no such thing."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
