"""A pytest plugin: every file `*.scenario.toml` is a test that plays it against its promises."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".scenario.toml"


class DifferenceError(Exception):
    """A scenario did not bring the alarms it promises; the text says what it brought."""


class ScenarioFile(pytest.File):
    """A scenario file."""

    def collect(self) -> Iterator[pytest.Item]:
        """One test: the whole scenario."""
        yield ScenarioItem.from_parent(self, name="alarms")


class ScenarioItem(pytest.Item):
    """Plays the scenario at full speed."""

    def runtest(self) -> None:
        """Play and compare.

        Raises:
            DifferenceError: an alarm is missing or unexpected.
        """
        from simulators.checking import check, lines  # noqa: PLC0415 - only where such a file is
        from simulators.scenario_file import load  # noqa: PLC0415

        result = check(load(self.path))
        if not result.as_promised:
            raise DifferenceError("\n".join(lines(result)))

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: object = None,  # noqa: ARG002 - pytest's signature
    ) -> str:
        """The difference or the mistake in the file, without a traceback."""
        known = isinstance(excinfo.value, DifferenceError | ConfigError)
        return str(excinfo.value) if known else str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, 0, f"scenario {self.path.name}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take files that end in `.scenario.toml`."""
    if not file_path.name.endswith(SUFFIX):
        return None
    return ScenarioFile.from_parent(parent, path=file_path)
