"""How many examples a property is tried on."""

from hypothesis import settings


def examples(many):
    """So many in the slow suite, as small a share of them in the quick one as tests/conftest has.

    Args:
        many: for a property whose examples are not of the usual cost; at least 4.
    """
    return many * settings.default.max_examples // 100
