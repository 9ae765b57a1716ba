"""The conformance kit as a pytest plugin (entry point `pytest11`): the option `--vigil-codec`."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("simulators.conformance", "simulators.conformance_link")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--vigil-codec NAME`."""
    words = "the installed wire format that simulators.conformance_run checks"
    parser.getgroup("vigil").addoption("--vigil-codec", metavar="NAME", help=words)


@pytest.fixture(autouse=True)
def _vigil_codec(request: pytest.FixtureRequest) -> None:
    """Give the format of the command line to the class that checks it."""
    if request.module.__name__ != "simulators.conformance_run":
        return
    from devices.registry import codec  # noqa: PLC0415 - not for every pytest that is started

    name = request.config.getoption("--vigil-codec")
    if not name:
        pytest.fail("say which: --vigil-codec NAME (vigil decode --list names the formats)")
    request.cls.codec = codec(name)
