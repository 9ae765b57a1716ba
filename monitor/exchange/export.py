"""`vigil export`: one recording in one other format."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from monitor.errors import ExportError
from monitor.exchange import new_file
from monitor.exchange.deidentify import deidentify
from monitor.exchange.session import gather
from monitor.exchange.written import Written

FORMATS: Mapping[str, str] = {
    "csv": "csv_export",
    "edf": "edf_export",
    "fhir": "fhir_export",
    "jsonl": "jsonl_export",
    "parquet": "parquet_export",
    "wfdb": "wfdb_export",
}
"""Name as given on the command line -> module that writes it."""
TEXT = ("csv", "fhir", "jsonl")
"""Formats that may go to standard output."""


def render(
    path: Path, fmt: str, signals: Sequence[str], output: Path | None, *, hidden: bool
) -> Written:
    """Turn a recording into bytes of a format.

    Args:
        path: the recording.
        fmt: a key of `FORMATS`.
        signals: of `session.SIGNALS`; empty: those the format is usually for.
        output: where it will go; a WFDB record is named after it.
        hidden: shift dates and drop what says who it was.

    Raises:
        RecordingError: the recording cannot be read.
        ExportError: the format cannot hold what is asked for, or needs an output.
        MissingExtraError: the format's library is not installed.
    """
    if output is None and fmt not in TEXT:
        raise ExportError(f"{fmt} is not text: say where it goes with -o")
    module = importlib.import_module(f"monitor.exchange.{FORMATS[fmt]}")
    session = gather(path)
    if hidden:
        deidentify(session)
    name = str(path) if fmt != "wfdb" or output is None else record_name(output)
    written: Written = module.write(session, list(dict.fromkeys(signals)), name)
    return written


def record_name(output: Path) -> str:
    """Name of a WFDB record: the output's, without .hea."""
    return output.name.removesuffix(".hea")


def paths(written: Written, fmt: str, output: Path) -> dict[Path, bytes]:
    """Where each file of an export goes."""
    base = output.with_name(record_name(output)) if fmt == "wfdb" else output
    return {base.with_name(base.name + suffix): data for suffix, data in written.files.items()}


def save(written: Written, fmt: str, output: Path, *, overwrite: bool = False) -> None:
    """Write all files of an export, or none.

    Raises:
        ExportError: one exists already, or cannot be written.
    """
    new_file.write_all(paths(written, fmt, output), overwrite=overwrite)
