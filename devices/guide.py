"""The table of docs/devices.md, from the wire formats themselves: `python -m devices.guide`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from devices.codec import Codec, SerialSettings
from devices.registry import BUILT_IN, codec

START, END = "<!-- formats: begin -->", "<!-- formats: end -->"
HEADER = (
    '| format | sensors | gives | reached by | means "no reading" | tested with |',
    "|---|---|---|---|---|---|",
)
_SIG_BASE = "-0000-1000-8000-00805f9b34fb"


def table() -> str:
    """All formats a sensor can be reached by, as a Markdown table; Bluetooth first."""
    found = [item for item in map(codec, BUILT_IN) if item.transport]
    ordered = sorted(
        found, key=lambda item: (item.serial is not None, _is_broadcast(item), item.name)
    )
    return "\n".join((*HEADER, *map(row, ordered)))


def row(item: Codec) -> str:
    """One format's line of the table."""
    gives = ", ".join(sorted(signal.value.replace("_", " ") for signal in item.signals))
    cells = (
        f"`{item.name}`",
        item.title,
        gives,
        "; ".join(_reached(item)),
        item.sentinels,
        item.tested,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def update(page: str) -> str:
    """The page with its table brought up to date.

    Raises:
        ValueError: the page lacks the marks around the table.
    """
    before, after = page.index(START) + len(START), page.index(END)
    return f"{page[:before]}\n{table()}\n{page[after:]}"


def _is_broadcast(item: Codec) -> bool:
    return item.broadcast is not None


def _reached(item: Codec) -> Iterator[str]:
    if item.serial is not None:
        yield from _line(item.serial)
    elif item.broadcast is not None:
        company, service = item.broadcast.company_id, item.broadcast.service_data_uuid
        yield (
            f"advertisement, company {company:#06x}"
            if company is not None
            else (f"advertisement, service data {_short(service)}")
        )
    else:
        yield f"{_short(item.service_uuid)} / {_short(item.characteristic_uuid)}"
    if item.control is not None:
        yield "asked through its control point"
    if item.bonded:
        yield "paired"
    if item.channels > 1:
        yield f"channel 1 to {item.channels}"
    if item.spot:
        yield "single readings"


def _line(settings: SerialSettings) -> Iterator[str]:
    yield f"{settings.baud} {settings.byte_size}{settings.parity}{settings.stop_bits}"
    yield "DTR on" if settings.dtr else "DTR off"
    if settings.poll:
        yield f"asked with `{settings.poll.decode('ascii', 'backslashreplace').strip()}`"
    if settings.dialogue is not None:
        yield "asked step by step"


def _short(uuid: str) -> str:
    """The 16-bit number of a Bluetooth SIG UUID; others in full."""
    return uuid[4:8].upper() if uuid.endswith(_SIG_BASE) and uuid.startswith("0000") else uuid


def main() -> int:
    """Bring the page given as argument (docs/devices.md) up to date."""
    page = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/devices.md")
    page.write_text(update(page.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
