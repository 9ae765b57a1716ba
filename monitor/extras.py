"""Libraries that not everybody needs: there, or a message that says how to get them."""

from __future__ import annotations

import importlib
import warnings
from types import ModuleType

from monitor.errors import MissingExtraError

EXTRA = "exchange"
"""The extra of the package that brings those of other programs' formats."""


def need(module: str, what: str, extra: str = EXTRA) -> ModuleType:
    """Import a library.

    Args:
        module: its name, such as `wfdb`.
        what: what it is needed for, for the message.
        extra: the extra of the package that brings it.

    Raises:
        MissingExtraError: it is not installed, or does not work on this computer.
    """
    try:
        with warnings.catch_warnings():
            # What libraries say of each other on being imported is nothing a user can mend.
            warnings.simplefilter("ignore")
            return importlib.import_module(module)
    except ImportError as fault:
        package = module.partition(".")[0]
        raise MissingExtraError(
            f"{what} needs the package {package!r} ({fault}); "
            f"install it: pip install 'vigil-session-monitor[{extra}]', or pip install {package}"
        ) from fault
