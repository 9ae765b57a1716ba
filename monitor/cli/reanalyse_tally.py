"""What becomes of the answers of `vigil reanalyse`: printed one by one, then what they come to."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click

from monitor import what_if
from monitor.archive.asking import Chunk, Result, in_order
from monitor.cli import output, reanalyse_text
from monitor.errors import ConfigError, VigilError

FINDING = 1


class Tally:
    """Answers as they come.

    Attributes:
        read: recordings that gave an answer.
        findings: how many of them with something that differs or could not be judged.
        errors: of the others.
    """

    def __init__(self, question: what_if.Question, *, as_json: bool, kept: bool = False) -> None:
        """Begin one.

        Args:
            question: what is asked.
            as_json: print objects instead of text.
            kept: the answers are kept elsewhere; no text is printed, nor any kept in memory.
        """
        self.read = 0
        self.findings = 0
        self.errors: list[VigilError] = []
        self._question = question
        self._as_json = as_json
        self._kept = kept
        self._answers: list[what_if.Answer] = []
        self._notes: set[str] = set()

    def take(self, paths: Sequence[Path], chunks: Iterable[Chunk]) -> None:
        """Print every answer in the order of the paths, then tell what was wrong with which."""
        try:
            with closing(self._watched(in_order(paths, chunks), len(paths))) as results:
                for path, result in results:
                    self._take(path, result)
        finally:
            for error in self.errors:
                output.say(str(error))

    def _take(self, path: Path, result: what_if.Answer | VigilError) -> None:
        if isinstance(result, VigilError):
            self.errors.append(result)
            return
        self.read += 1
        self.findings += result.finding
        self._say(path, result)
        if self._as_json:
            output.print_json(result.as_json())
        elif not self._kept:
            self._answers.append(result)
            reanalyse_text.print_one(result, compare=self._question.compare)

    def _say(self, path: Path, answer: what_if.Answer) -> None:
        if unknown := answer.analysis.unknown_frames:
            output.say(f"{path}: {unknown} frames of unknown sensors")
        for note in answer.notes:
            if note not in self._notes:
                self._notes.add(note)
                output.say(note)

    def print_all(self) -> None:
        """What the answers come to together, for people."""
        if not self._as_json:
            reanalyse_text.print_all(self._answers, self._question)

    @property
    def exit_code(self) -> int:
        """Of the command."""
        errors = self.errors
        if errors and (not self.read or any(isinstance(error, ConfigError) for error in errors)):
            return max(error.exit_code for error in errors)
        return FINDING if errors or self.findings else 0

    def _watched(self, results: Iterator[Result], count: int) -> Generator[Result, None, None]:
        """The same results, with a bar on standard error where nothing else shows how far it is."""
        shown = sys.stdout.isatty() and (self._as_json or not self._kept)
        if count < 2 or not sys.stderr.isatty() or shown:
            yield from results
            return
        with click.progressbar(results, length=count, file=sys.stderr, label="reanalysed") as bar:
            yield from bar
