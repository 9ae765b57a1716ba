"""Numba is a convenience: without it, or with one that fails, all goes on in plain Python."""

import sys

import pytest

from monitor.signal import fast


def doubled(value):
    return 2 * value


def refuses(value):
    return value.no_such_attribute


@pytest.fixture(autouse=True)
def nothing_compiled(monkeypatch):
    monkeypatch.setattr(fast, "_compiled", {})


def test_without_numba_it_stays_plain(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    assert not fast.load([(doubled, (1,))])
    assert fast.kernel_of(doubled) is doubled


def test_a_numba_that_fails_stops_nothing(caplog):
    pytest.importorskip("numba", reason="the extra `fast` is not installed: NOT TRIED")
    assert not fast.load([(refuses, (1,))])
    assert fast.kernel_of(refuses) is refuses
    assert "plain Python" in caplog.text


def test_what_works_is_used_from_then_on():
    pytest.importorskip("numba", reason="the extra `fast` is not installed: NOT TRIED")
    assert fast.load([(doubled, (1,))])
    assert fast.is_compiled(doubled)
    assert fast.kernel_of(doubled)(21) == 42
