"""Numba, if the extra `fast` is installed and has been loaded; else the same in plain Python.

Both give the same bits: integers, and only those operations on floats (+ - * / sqrt) that IEEE 754
rounds exactly, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Kernel = Callable[..., Any]

_compiled: dict[Kernel, Kernel] = {}


def load(kernels: Sequence[Kernel]) -> bool:
    """Compile `kernels` with numba; False, and all stays plain, if it is not installed.

    Takes about a third of a second, several on the first run of an installation: call it after the
    first frame, beside the loop and never in it.
    """
    try:
        import numba  # noqa: PLC0415 - 0.2 s that only those pay who have it
    except ImportError:
        return False
    for kernel in kernels:
        _compiled[kernel] = numba.njit(cache=True, nogil=True)(kernel)
    return True


def kernel_of(plain: Kernel) -> Kernel:
    """The compiled form of `plain` if there is one, else itself."""
    return _compiled.get(plain, plain)


def is_compiled(plain: Kernel) -> bool:
    """Whether `kernel_of` gives a compiled function."""
    return plain in _compiled
