"""What the operator can do, by theme; `tui.controls` puts it together."""
