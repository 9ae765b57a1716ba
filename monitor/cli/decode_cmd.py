"""`vigil decode`: one payload, as a sensor sent it, to JSON."""

from __future__ import annotations

import click

from devices import registry
from monitor.cli import output


@click.command()
@click.argument("format_name", metavar="FORMAT", required=False)
@click.argument("hex_parts", metavar="HEX...", nargs=-1)
@click.option("--list", "list_formats", is_flag=True, help="List the formats and exit.")
def command(format_name: str | None, hex_parts: tuple[str, ...], list_formats: bool) -> int:
    """Decode one payload to a JSON object.

    HEX may contain spaces: vigil decode hrs_2a37 10 48 12 03. The exit code is 1 when the payload
    is malformed; the object then has the key "error".
    """
    if list_formats:
        _list()
        return 0
    if format_name is None or not hex_parts:
        raise click.UsageError("FORMAT and HEX are needed; --list names the formats.")
    try:
        fields = registry.explain(format_name, parse_hex(" ".join(hex_parts)))
    except registry.UnknownCodecError as error:
        raise click.UsageError(f"FORMAT: {output.clean(str(error))}") from error
    output.print_json(fields)
    return output.EXIT_FOUND if "error" in fields else 0


def _list() -> None:
    titles = {name: codec.title for name, codec in registry.codecs().items()}
    titles |= dict.fromkeys(registry.FIELDS, "part of a payload, or read once")
    for name, title in sorted(titles.items()):
        output.print_text(f"{name:<23} {title}")


def parse_hex(text: str) -> bytes:
    """Bytes of hexadecimal digits; spaces may stand anywhere.

    Raises:
        click.UsageError: names the first character that is no digit, or the odd count.
    """
    for position, char in enumerate(text, start=1):
        if char not in "0123456789abcdefABCDEF" and not char.isspace():
            raise click.UsageError(
                f"HEX: character {position}, {output.clean(char)!r}, is no hexadecimal digit."
            )
    digits = "".join(text.split())
    if len(digits) % 2:
        raise click.UsageError(f"HEX: {len(digits)} digits; a byte needs two, so one is missing.")
    return bytes.fromhex(digits)
