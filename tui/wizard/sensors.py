"""Second page: the sensors, found on the air and on serial lines, or entered by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.text import Text
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from devices.model import SensorSpec
from devices.transport import TransportError
from monitor.finding import Candidate, suggested
from tui.wizard import words
from tui.wizard.draft import SIMULATED
from tui.wizard.page import Key, Page, line
from tui.wizard.pick import PickPage

USE, FOUND, PORT, SIM = "use", "found", "port", "sim"


class SensorsPage(Page):
    """What will be used, what was found; Enter opens one."""

    NUMBER = 1
    KEYS = (
        Key("n Next", "next"),
        Key("Esc Back", "back"),
        Key("r Scan", "scan"),
        Key("p Ports", "ports"),
        Key("h Hand", "hand"),
        Key("x Remove", "remove"),
        Key("v Simulated", "simulate"),
    )
    BINDINGS = [  # noqa: RUF012 - Textual's own form
        ("n", "next", "Next"),
        ("r", "scan", "Scan"),
        ("p", "ports", "Ask ports"),
        ("h", "hand", "By hand"),
        ("x,delete", "remove", "Remove"),
        ("v", "simulate", "Simulated"),
        ("escape", "back", "Back"),
    ]

    def body(self) -> Sequence[Widget]:
        """The list, and what the search says."""
        return (
            line("told"),
            OptionList(id="sensors-list", markup=False),
            line("status"),
        )

    def on_mount(self) -> None:
        """Show what is known; listen at once if nothing is."""
        self._draw()
        self.query_one(OptionList).focus()
        if not self.wizard.scan.looked and not self.wizard.draft.complete:
            self.action_scan()

    def on_screen_resume(self) -> None:
        """Back from a sensor: show what became of it."""
        self._draw()
        self.query_one(OptionList).focus()

    def _rows(self) -> list[tuple[str, str]]:
        wizard = self.wizard
        rows = [
            (f"{USE}:{spec.alias}", words.chosen_row(spec, simulated=wizard.around.simulated(spec)))
            for spec in wizard.draft.sensors
        ]
        rows += [(f"{SIM}:{k}", f"use    {k:<15}SIMULATED") for k in wizard.draft.simulate]
        for place, one in enumerate(self._free()):
            sim = wizard.around.simulated(suggested(one))
            rows.append((f"{FOUND}:{place}", words.found_row(one, simulated=sim)))
        rows += [(f"{PORT}:{i}", words.port_row(p)) for i, p in enumerate(wizard.scan.unasked)]
        return rows

    def _free(self) -> list[Candidate]:
        """What was found and is not used yet, each with the formats that are left of it."""
        used = {(spec.address, spec.codec) for spec in self.wizard.draft.sensors}
        left = [
            (one, [name for name in (one.codec, *one.more) if (one.address, name) not in used])
            for one in self.wizard.scan.known
        ]
        return [replace(one, codec=names[0], more=tuple(names[1:])) for one, names in left if names]

    def _draw(self) -> None:
        listed, rows = self.query_one(OptionList), self._rows()
        at = listed.highlighted
        listed.clear_options()
        listed.add_options([Option(Text(text, no_wrap=True), id=id_) for id_, text in rows])
        listed.highlighted = min(at or 0, len(rows) - 1) if rows else None
        listed.display = bool(rows)
        self.say("status", "\n".join(words.status(self.wizard.scan)))
        lacks = words.lacking(self.wizard.draft.sensors) if self.wizard.draft.sensors else []
        self.say("told", "\n".join([words.CHOOSE, *lacks] if rows else []))

    def _now(self, scan: words.Scan) -> None:
        self.wizard.scan = scan
        if self.is_mounted:
            self._draw()

    def action_scan(self) -> None:
        """Listen for Bluetooth sensors, and look which ports there are."""
        if not self.wizard.scan.listening:
            self.wizard.run_worker(self._listen(), group="scan", exclusive=True)

    async def _listen(self) -> None:
        finder = self.wizard.finder
        self._now(replace(words.Scan(lines=self.wizard.scan.lines), listening=True))
        lines = tuple(await finder.lines())
        taken = {spec.address for spec in self.wizard.draft.sensors}
        self._now(replace(self.wizard.scan, lines=_without(lines, taken)))
        trouble: TransportError | None = None
        found: list[Candidate] = []
        try:
            found = await finder.air()
        except TransportError as error:
            trouble = error
        finally:
            now = replace(self.wizard.scan, listening=False, looked=True)
            self._now(replace(now, found=tuple(found), trouble=trouble))

    def action_ports(self) -> None:
        """Ask all serial ports what they are."""
        self._ask(self.wizard.scan.unasked)

    def _ask(self, ports: Sequence[Candidate]) -> None:
        if ports and not self.wizard.scan.asking:
            self.wizard.run_worker(self._asked(ports), group="ask", exclusive=True)

    async def _asked(self, ports: Sequence[Candidate]) -> None:
        for port in ports:
            self._now(replace(self.wizard.scan, asking=port.device))
            try:
                answer = await self.wizard.finder.ask(port)
            finally:
                self._now(replace(self.wizard.scan, asking=""))
            self._now(self.wizard.scan.with_line(answer))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Look at this sensor, or ask this port."""
        event.stop()
        kind, _, name = str(event.option.id).partition(":")
        draft, scan = self.wizard.draft, self.wizard.scan
        if kind == USE:
            spec = next(one for one in draft.sensors if one.alias == name)
            self.app.push_screen(PickPage(_again(spec), spec))
        elif kind == FOUND:
            self.app.push_screen(PickPage(self._free()[int(name)]))
        elif kind == PORT:
            self._ask([scan.unasked[int(name)]])

    def action_hand(self) -> None:
        """Enter one that is not found."""
        self.app.push_screen(PickPage(None))

    def action_remove(self) -> None:
        """Do not use this one after all."""
        listed, draft = self.query_one(OptionList), self.wizard.draft
        option = listed.highlighted_option
        kind, _, name = str(option.id if option else "").partition(":")
        if kind == USE:
            draft.sensors = [one for one in draft.sensors if one.alias != name]
        elif kind == SIM:
            draft.simulate = [one for one in draft.simulate if one != name]
        self.wizard.keep()
        self._draw()

    def action_simulate(self) -> None:
        """Look round with simulated sensors."""
        if self.wizard.draft.sensors:
            self.notify("Remove your sensors (x) first: simulated ones are not mixed with them.")
            return
        self.wizard.draft.simulate = list(SIMULATED)
        self.wizard.keep()
        self._draw()

    def action_next(self) -> None:
        """Go on."""
        self.wizard.go("finish")

    def action_back(self) -> None:
        """Go back."""
        self.wizard.go("person")


def _without(lines: Sequence[Candidate], addresses: set[str]) -> tuple[Candidate, ...]:
    return tuple(one for one in lines if one.address not in addresses)


def _again(spec: SensorSpec) -> Candidate:
    """A sensor in use, as if it had just been found."""
    return Candidate(name=spec.alias, address=spec.address, codec=spec.codec)
