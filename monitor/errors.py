"""Errors a user can act on. Anything a person must *see* during a session is an alarm instead."""

from __future__ import annotations


class VigilError(Exception):
    """Base of all; the message is complete and meant for the user."""

    exit_code = 2


class ConfigError(VigilError):
    """A mistake in the configuration: names file, key, value, allowed range, nearest valid key."""


class RecordingError(VigilError):
    """A recording is damaged, from a newer version, or not a recording; it was not touched."""


class DiskError(RecordingError):
    """A recording cannot be written because the disk refuses; nothing of it was left behind."""

    exit_code = 3


class DamagedError(RecordingError):
    """A recording, but not all of it can be read: cut short, or bytes of it were changed."""


class DerivationError(VigilError):
    """A recording could not be derived for a fault of Vigil's own (EX_SOFTWARE of sysexits)."""

    exit_code = 70


class ImportFormatError(VigilError):
    """A file to import is not what it should be: names file and line."""


class QueryError(VigilError):
    """A search expression that cannot be read; the message shows the place."""


class AnnotationError(VigilError):
    """What was said of a recording cannot be kept; the recording is never touched."""


class ExportError(VigilError):
    """What was asked for cannot be exported; no file was touched."""


class UnwritableError(ExportError):
    """The disk refuses a file that is written out: full, failing, or read-only."""

    exit_code = 3


class EnvironmentFault(VigilError):  # noqa: N818 - a fault is what it is called on the screen
    """A device or the environment refuses."""

    exit_code = 3


class MissingExtraError(EnvironmentFault):
    """An optional library is not installed; names the package and how to install it."""
