"""Numba, if the extra `fast` is installed and has been loaded; else the same in plain Python.

Both give the same bits: integers, and only those operations on floats (+ - * / sqrt) that IEEE 754
rounds exactly, in the same order.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

_log = logging.getLogger(__name__)
Kernel = Callable[..., Any]

_compiled: dict[Kernel, Kernel] = {}


def load(kernels: Sequence[tuple[Kernel, tuple[Any, ...]]]) -> bool:
    """Compile kernels with numba; False, and all stays plain, if it is not installed.

    Takes about a third of a second, several on the first run of an installation: call it after the
    first frame, beside the loop and never in it.

    Args:
        kernels: each with arguments to try it on, of the types it will be called with. It is used
            only once that has worked, so that nothing is compiled in the loop.
    """
    try:
        import numba  # noqa: PLC0415 - 0.2 s that only those pay who have it
    except ImportError:
        return False
    try:
        for kernel, trial in kernels:
            compiled = _compile(numba, kernel)
            compiled(*trial)
            _compiled[kernel] = compiled
    except Exception:  # noqa: BLE001 - a numba that does not fit must not stop a session
        _log.exception("numba cannot be used; all stays in plain Python")
        return False
    return True


def _compile(numba: Any, kernel: Kernel) -> Kernel:
    try:
        return numba.njit(cache=True, nogil=True)(kernel)  # type: ignore[no-any-return]
    except RuntimeError:  # no folder to keep it in that can be written
        return numba.njit(nogil=True)(kernel)  # type: ignore[no-any-return]


def kernel_of(plain: Kernel) -> Kernel:
    """The compiled form of `plain` if there is one, else itself."""
    return _compiled.get(plain, plain)


def is_compiled(plain: Kernel) -> bool:
    """Whether `kernel_of` gives a compiled function."""
    return plain in _compiled


def run(plain: Kernel, given: NDArray[Any], *changed: NDArray[Any]) -> Any:
    """Call a kernel, compiled or plain, on arrays; lists are faster for Python, item by item.

    Args:
        plain: the kernel.
        given: its first argument.
        changed: its other arguments, which it changes.
    """
    if plain in _compiled:
        return _compiled[plain](given, *changed)
    lists = [array.tolist() for array in changed]
    result = plain(given.tolist(), *lists)
    for array, items in zip(changed, lists, strict=True):
        array[:] = items
    return result
