"""Options of the whole suite."""

import os

import pytest
from hypothesis import is_hypothesis_test, settings

FEW, MANY = 30, 100
"""Examples of a property: in the quick suite; in the slow one, where each is tried again."""


def pytest_addoption(parser):
    parser.addoption(
        "--update-refs",
        action="store_true",
        help="Write tests/replay/golden anew after a meant change; read its git diff first.",
    )


def _quick(config):
    return config.option.markexpr == "not slow"


def pytest_configure(config):
    """Before the tests are imported: what they say of examples is a share of these."""
    settings.register_profile("few", max_examples=FEW, deadline=None)
    settings.register_profile("many", max_examples=MANY, deadline=None)
    settings.load_profile("few" if _quick(config) else "many")


@pytest.hookimpl(tryfirst=True)  # before what is not to be run is sorted out
def pytest_collection_modifyitems(config, items):
    """Properties belong to both suites."""
    if not _quick(config):
        for item in items:
            if is_hypothesis_test(getattr(item, "obj", None)):
                item.add_marker("slow")


def pytest_xdist_auto_num_workers():
    """One more than there are processors: some tests wait for processes, not for the processor."""
    return (os.cpu_count() or 1) + 1
