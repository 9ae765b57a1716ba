"""Which format a file or folder is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from monitor.errors import ImportFormatError
from monitor.exchange import empatica, plain_csv
from monitor.exchange.imported import Imported

FORMATS: Mapping[str, str] = {
    "csv": "plain CSV: time_s or time, then columns such as heart_rate[/min]",
    "empatica": "Empatica E4 export: a folder or zip with HR.csv, TEMP.csv, IBI.csv",
}
"""Name as given on the command line -> what it is."""
_READERS: Mapping[str, Callable[[Path, str], Imported]] = {
    "csv": plain_csv.read,
    "empatica": lambda path, site: empatica.read(path, site or empatica.SITE),
}


def load(paths: Sequence[Path], fmt: str | None = None, site: str = "") -> Imported:
    """Read what lies at `paths`.

    Args:
        paths: one file or folder; or the data files of one E4 export.
        fmt: a key of `FORMATS`; None: recognised by its content.
        site: where on the body it was measured; "" for the format's own default.

    Raises:
        ImportFormatError: not there, not recognised, or garbled.
    """
    if fmt is not None and fmt not in _READERS:
        raise ImportFormatError(f"unknown format {fmt!r}; {_supported()}")
    try:
        path = _one(paths, fmt)
        if not path.exists():
            raise ImportFormatError(f"{path}: no such file or folder")
        chosen = fmt or recognise(path)
    except OSError as fault:
        raise ImportFormatError(f"{paths[0]}: cannot be read ({fault.strerror})") from fault
    return _READERS[chosen](path, site)


def recognise(path: Path) -> str:
    """Key of `FORMATS` of the format this is in; ImportFormatError if it is none of them."""
    if empatica.is_export(path):
        return "empatica"
    if path.is_file() and path.suffix.lower() == ".csv":
        return "csv"
    raise ImportFormatError(f"{path}: not a format that can be imported; {_supported()}")


def _one(paths: Sequence[Path], fmt: str | None) -> Path:
    """Files of one E4 export stand for their folder."""
    if len(paths) == 1 and (fmt == "csv" or not _is_part_of_export(paths[0])):
        return paths[0]
    folders = {path.parent for path in paths}
    if len(folders) == 1 and all(empatica.is_wanted(path.name.lower()) for path in paths):
        return folders.pop()
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
