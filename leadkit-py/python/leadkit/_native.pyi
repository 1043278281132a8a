"""The compiled half; what it gives is documented in ``leadkit/__init__.pyi``."""

import os
from datetime import datetime
from typing import Any, Final, final

from typing_extensions import Unpack

from leadkit import (
    Bulk as Bulk,
    CancelToken as CancelToken,
    Comms as Comms,
    Consent as Consent,
    Database as Database,
    Fields as Fields,
    LeadIterator as LeadIterator,
    Leads as Leads,
    OpenOptions,
    Operations as Operations,
    SettingsRoom as SettingsRoom,
    Statuses as Statuses,
    Table as Table,
    Templates as Templates,
    normalize_company as normalize_company,
    normalize_country as normalize_country,
    normalize_email as normalize_email,
    normalize_person as normalize_person,
    normalize_phone as normalize_phone,
    open as open,
    phone_time_zones as phone_time_zones,
    read_table as read_table,
    sms_segments as sms_segments,
    sniff as sniff,
)

__all__ = [
    "Bulk",
    "CancelToken",
    "Comms",
    "Consent",
    "Database",
    "Fields",
    "LeadIterator",
    "Leads",
    "Operations",
    "SettingsRoom",
    "Statuses",
    "Table",
    "Templates",
    "TestingDatabase",
    "__version__",
    "_panic",
    "messy_csv",
    "normalize_company",
    "normalize_country",
    "normalize_email",
    "normalize_person",
    "normalize_phone",
    "open",
    "open_testing",
    "phone_time_zones",
    "read_table",
    "report_html",
    "report_json",
    "save_report",
    "sms_segments",
    "sniff",
]

__version__: Final[str]

@final
class TestingDatabase(Database):
    """A database whose clock stands still until it is advanced; see :mod:`leadkit.testing`."""

    def advance(self, seconds: float) -> None:
        """Moves the clock by a number of seconds."""
    def as_actor(self, id: str, reason: str | None = None) -> TestingDatabase:
        """The same database, acting as somebody else, by the same clock."""
    @property
    def now(self) -> datetime:
        """The instant at which the clock stands; aware, UTC."""

def open_testing(
    url: str | os.PathLike[str], now: datetime | str, seed: int, **options: Unpack[OpenOptions]
) -> TestingDatabase: ...
def messy_csv(rows: int, seed: int) -> bytes: ...
def report_json(report: Any) -> str: ...
def report_html(report: Any) -> str: ...
def save_report(report: Any, path: str | os.PathLike[str]) -> None: ...
def _panic(place: str) -> None: ...
