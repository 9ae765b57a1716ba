"""Where on the body skin temperature says little; known without loading numpy."""

DISTAL_SITES = frozenset({"wrist", "hand", "finger", "forearm", "foot", "toe", "ankle", "ear_lobe"})
"""Bare or distal sites: vasoconstriction and room air move them by degrees; trends there are
neither warning nor reassurance, and 24-34 degC is normal on the skin."""
