"""A fixed clock, fixed randomness and a Twilio of one's own, for tests: two equal runs give equal bytes.

>>> from leadkit import testing
>>> with testing.open(":memory:", now="2026-03-01T09:00:00Z", seed=1) as db:
...     db.advance(60)
...     print(db.leads.add(email="ada@lovelace.org").created_at)
2026-03-01 09:01:00+00:00
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from leadkit import _native

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from leadkit._options import OpenOptions

FakeTwilio = _native.FakeTwilio
TestingDatabase = _native.TestingDatabase

__all__ = ["FakeTwilio", "TestingDatabase", "messy_csv", "open"]


def open(
    url: str | os.PathLike[str],
    *,
    now: datetime | str,
    seed: int = 0,
    **options: Unpack[OpenOptions],
) -> TestingDatabase:
    """Opens a database whose clock stands at ``now`` until it is advanced.

    Args:
        url: as in :func:`leadkit.open`.
        now: an aware datetime, or RFC 3339 text.
        seed: what randomness follows from.
        options: as in :func:`leadkit.open`.

    Raises:
        LeadkitError: as :func:`leadkit.open`.
    """
    return _native.open_testing(url, now, seed, **options)


def messy_csv(rows: int, *, seed: int = 0) -> bytes:
    """A CSV of about so many leads as they come in real life; the same seed gives the same bytes.

    A title line above the header, semicolons, Windows-1252, names and numbers of five countries
    in a dozen spellings, doubles, blank lines, and values that are simply wrong.

    >>> leadkit.sniff(leadkit.testing.messy_csv(100, seed=7)).encoding
    'windows-1252'
    """
    return _native.messy_csv(rows, seed)
