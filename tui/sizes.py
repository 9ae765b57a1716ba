"""Classes a screen gets by its size: `vigil.tcss` and `central.tcss` lay out by them."""

from __future__ import annotations

BY_WIDTH = [(0, "-tiny"), (44, "-compact"), (76, "-narrow"), (110, "-wide"), (160, "-huge")]
"""Columns from which a class holds."""
BY_HEIGHT = [(0, "-flat"), (10, "-short"), (22, "-low"), (34, "-tall"), (50, "-grand")]
"""Rows from which a class holds."""
