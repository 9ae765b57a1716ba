"""Which format a file or folder is in."""

from __future__ import annotations

import importlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from monitor.errors import ImportFormatError
from monitor.exchange import empatica
from monitor.exchange.imported import Imported, storable
from monitor.exchange.number_files import is_beats, is_rr_header
from monitor.exchange.options import NONE, Options
from monitor.exchange.text import NUMBER, UTF16, plain_name, read_bytes, read_head
from monitor.exchange.wfdb_in import header_of

HEAD_BYTES = 4096
"""What is looked at of a file's beginning."""
EDF_HEADER = 256


class Format(NamedTuple):
    """A format: what it is, and `module:function` that reads it (imported when it is used)."""

    what: str
    reader: str


_TABLE: Mapping[str, Format] = {
    "csv": Format(
        "plain CSV: time_s or time, then columns such as heart_rate[/min]", "plain_csv:read"
    ),
    "empatica": Format(
        "Empatica E4 export: a folder or zip with HR.csv, TEMP.csv, IBI.csv", "empatica:read"
    ),
    "wfdb": Format("WFDB record (.hea with its data), or annotations (.atr)", "wfdb_in:read"),
    "edf": Format("EDF or EDF+", "edf_in:read"),
    "polar-logger": Format("Polar Sensor Logger text: a file or folder", "polar_logger:read"),
    "polar-hrm": Format("Polar HRM", "polar_hrm:read"),
    "fit": Format("FIT activity: heart rate", "fit_in:read"),
    "rr": Format(
        "text with one number a line: RR intervals, or what --column says",
        "number_files:read_text",
    ),
    "beats": Format("times of beats: CSV with time_s, or t_s,symbol", "number_files:read_beats"),
    "numpy": Format("numpy array of numbers (.npy, .npz)", "number_files:read_numpy"),
}
FORMATS: Mapping[str, str] = {name: one.what for name, one in _TABLE.items()}
"""Name as given on the command line -> what it is."""


def load(paths: Sequence[Path], fmt: str | None = None, options: Options = NONE) -> Imported:
    """Read what lies at `paths`.

    Args:
        paths: one file or folder; or the data files of one E4 export.
        fmt: a key of `FORMATS`; None: recognised by its content.
        options: what the file does not say itself.

    Raises:
        ImportFormatError: not there, not recognised, or garbled.
        MissingExtraError: the format's library is not installed.
    """
    if fmt is not None and fmt not in _TABLE:
        raise ImportFormatError(f"unknown format {fmt!r}; {_supported()}")
    try:
        path = _one(paths, fmt)
        if not path.exists() and not _is_record(path):
            raise ImportFormatError(f"{path}: no such file or folder")
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise ImportFormatError(f"{path}: neither a file nor a folder; save it first")
        chosen = fmt or recognise(path)
        module, _, function = _TABLE[chosen].reader.partition(":")
        reader = getattr(importlib.import_module(f"monitor.exchange.{module}"), function)
        found: Imported = reader(path, options)
    except OSError as fault:
        raise ImportFormatError(f"{paths[0]}: cannot be read ({fault.strerror})") from fault
    return storable(found)


def recognise(path: Path) -> str:
    """Key of `FORMATS` of the format this is in; ImportFormatError if it is none of them."""
    found = _folder(path) if path.is_dir() else _file(path)
    if not found:
        raise ImportFormatError(f"{path}: not a format that can be imported; {_supported()}")
    return found


def _folder(path: Path) -> str:
    if empatica.is_export(path):
        return "empatica"
    from monitor.exchange import polar_logger  # noqa: PLC0415 - only for folders

    return "polar-logger" if any(polar_logger.is_file(one) for one in path.iterdir()) else ""


def _file(path: Path) -> str:
    if _is_record(path):
        return "wfdb"
    head = read_head(path, HEAD_BYTES)
    if not head.strip():
        raise ImportFormatError(f"{path}: the file is empty")
    if head.startswith(b"PK"):
        return "numpy" if _is_arrays(read_bytes(path)) else "empatica"
    if head.startswith(b"\x93NUMPY"):
        return "numpy"
    if head[8:12] == b".FIT":
        return "fit"
    if head.startswith(b"0       ") and len(head) >= EDF_HEADER:
        return "edf"
    return _text(path, head)


def _is_arrays(raw: bytes) -> bool:
    """Whether a zip file holds numpy arrays and nothing else."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False
    return bool(names) and all(name.endswith(".npy") for name in names)


def _text(path: Path, head: bytes) -> str:
    """Text formats, by their first line; "" for anything else."""
    suffix = Path(plain_name(path)).suffix.lower()
    first = _first_line(head)
    if first.startswith("[Params]"):
        return "polar-hrm"
    if first.startswith("Phone timestamp"):
        return "polar-logger"
    if is_beats(first):
        return "beats"
    if suffix == ".csv" and not NUMBER.fullmatch(first):
        return "csv"
    return "rr" if NUMBER.fullmatch(first) or is_rr_header(first) else ""


def _first_line(head: bytes) -> str:
    """The first line that says anything; "" if it is no text."""
    try:
        # The end of `head` may be in the middle of a character.
        text = head.decode("utf-16" if head[:2] in UTF16 else "utf-8-sig", errors="ignore")
    except UnicodeError:
        return ""
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first if first.isprintable() else ""


def _is_record(path: Path) -> bool:
    """A file of a WFDB record, or the name of one."""
    header = header_of(path)
    if header is None:
        return False
    text_suffixes = {".csv", ".txt", ".hrm", ".tsv", ".db", ".json", ".edf", ".fit", ".zip"}
    return Path(plain_name(path)).suffix.lower() not in text_suffixes


def _one(paths: Sequence[Path], fmt: str | None) -> Path:
    """Files of one E4 export, or of the Polar logger, stand for their folder."""
    if len(paths) == 1 and (fmt not in {None, "empatica"} or not _is_part_of_export(paths[0])):
        return paths[0]
    folders = {path.parent for path in paths}
    if len(folders) == 1 and all(empatica.is_wanted(path.name.lower()) for path in paths):
        return folders.pop()
    if len({header_of(path) for path in paths}) == 1 and all(map(_is_record, paths)):
        return next((p for p in paths if p.suffix == ".hea"), paths[0])
    names = ", ".join(str(path) for path in paths)
    raise ImportFormatError(f"{names}: one recording at a time; {_supported()}")


def _is_part_of_export(path: Path) -> bool:
    """A file named like an E4's that does not begin with a time column."""
    if path.name.lower() not in empatica.DATA_FILES or not path.is_file():
        return False
    with path.open("rb") as file:
        return b"time" not in file.readline(100)


def _supported() -> str:
    return "supported are " + "; ".join(f"{name} ({what})" for name, what in FORMATS.items())
