"""Privacy: what goes in and what comes back. Rules of retention are dicts in both directions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict

from leadkit._types import (
    Communication,
    CommunicationEvent,
    ConsentEntry,
    ContactChannel,
    Lead,
    LeadChange,
    OperationKind,
    _Document,
    _record,
    _Record,
)

#: Leads that nobody changed and nobody was in contact with for so long; contacts; before-images of changes.
RetentionData = Literal["leads"] | Literal["contacts"] | Literal["changes"]


class PersonOptions(TypedDict, total=False):
    """Whom a call of ``db.privacy`` is about: a lead with all that were merged with it, or whoever has an
    address."""

    lead: int
    """A lead. The ones that were merged into it, or that it was merged into, are the same person."""
    address: str
    """An email address or a phone number with its country's code: all leads that have it, deleted ones
    included, and contacts that belong to no lead."""


class ErasureOptions(TypedDict, total=False):
    """Keywords of ``db.privacy.erase_person``."""

    lead: int
    """A lead; see :class:`PersonOptions`."""
    address: str
    """An email address or a phone number; see :class:`PersonOptions`."""
    requested_at: datetime | str
    """When the person asked for it; the certificate says so."""
    contact_again: bool
    """Whether the person's numbers may be contacted again when they come back, as by an import. Unless
    this is said they stay blocked, by their fingerprints."""


class ErasureListOptions(TypedDict, total=False):
    """Keywords of ``db.privacy.erasures``."""

    limit: int
    """Certificates of a page; 100 by default."""
    cursor: str
    """Where the page begins: ``next_cursor`` of the one before."""


class RetentionOptions(TypedDict, total=False):
    """Keywords of ``db.privacy.apply_retention``."""

    erase: bool
    """Erases what is due. Unless this is said, nothing is changed and the report tells what would be."""
    rule: str
    """Only the rule of this name."""


class _RetentionNeeds(TypedDict):
    name: str
    """Its name; each rule has its own."""
    data: RetentionData
    """What it is about."""
    days: int
    """Days after which it is erased; at least 1."""


class RetentionRule(_RetentionNeeds, total=False):
    """How long something is kept; ``settings.retention`` holds them."""

    filter: Any
    """Only leads that pass this filter, or contacts with them; ``changes`` take none."""
    channels: Iterable[ContactChannel]
    """Only contacts of these channels; of all when none is named."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Fingerprint(_Record):
    """What stands for a text without telling it: an HMAC-SHA-256 under one of the host's keys."""

    key_id: str
    """The key that made it."""
    mac: str
    """64 hexadecimal digits."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Hold(_Record):
    """Why a person's data must not be erased, such as a lawsuit (GDPR Art. 17(3)(e))."""

    lead: int
    """The lead."""
    reason: str
    """Why."""
    at: datetime
    """Since when; aware, UTC."""
    actor: str | None
    """Who said so."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class PersonHistory(_Record):
    """The changes of one of a person's leads."""

    lead: int
    """The lead."""
    changes: list[LeadChange]
    """Its changes, the newest first."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class PersonSource(_Record):
    """An operation that brought or changed data of a person."""

    operation_id: int
    """The operation."""
    kind: OperationKind
    """What it did."""
    at: datetime
    """When it began; aware, UTC."""
    file: str | None
    """The name of its file."""
    actor: str | None
    """Who did it."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class PersonContact(_Record):
    """A contact with what happened to it."""

    contact: Communication
    """The contact."""
    events: list[CommunicationEvent]
    """What happened to it, in order."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class PersonExport(_Document):
    """All that is stored about a person (GDPR Articles 15 and 20; CCPA 1798.110)."""

    at: datetime
    """When it was read; aware, UTC."""
    leads: list[Lead]
    """The leads that are this person, deleted and merged ones included."""
    history: list[PersonHistory]
    """Every change of each."""
    sources: list[PersonSource]
    """The imports and other operations that the data came by, in their order."""
    contacts: list[PersonContact]
    """Every contact, the newest first, corrected entries included."""
    consent: list[ConsentEntry]
    """What the consent ledger holds about the person's numbers, in the order of entry."""
    holds: list[Hold]
    """What forbids to erase the data."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Suppression(_Record):
    """An address of which only a fingerprint is left."""

    kind: str
    """``phone`` or ``email``."""
    fingerprint: Fingerprint
    """What it is recognised by."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Kept(_Record):
    """Something of the person's records that was kept."""

    what: str
    """What: ``contact_facts``, ``consent_dates``, ``shared_addresses``, ``mentions``."""
    why: str
    """Why."""
    ids: list[int]
    """Ids, where somebody may want to look: leads of shared addresses, contacts of mentions."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Beyond(_Record):
    """Something that holds the person's data and that leadkit cannot erase."""

    what: str
    """What: ``backups``, ``files``, ``provider``, ``server_log``."""
    advice: str
    """What is to be done about it, and by whom."""
    until: datetime | None
    """When the provider's own copy is gone at the latest, where one was deleted there; aware, UTC."""
    ids: list[str]
    """Ids: of the operations that wrote the files, or of the provider."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ErasureCertificate(_Document):
    """What was erased, what was kept and why, and what leadkit cannot reach. It holds ids, counts and
    fingerprints, and nothing of the person."""

    id: int
    """Its number."""
    at: datetime
    """When it was done; aware, UTC."""
    requested_at: datetime | None
    """When the person asked for it; aware, UTC."""
    actor: str | None
    """Who did it."""
    legal_basis: str
    """On which ground, such as ``GDPR Art. 17(1)(b)``."""
    operation_id: int
    """The operation in the log."""
    leads: list[int]
    """The leads that were this person: what is left of each is its id and its times."""
    erased: dict[str, int]
    """How much was erased, by what: ``leads``, ``changes``, ``contacts``, ``consent_entries``,
    ``operations``, ``conflicts``, ``rejected_rows``."""
    suppressed: list[Suppression]
    """The addresses that stay blocked, by their fingerprints."""
    kept: list[Kept]
    """What was kept, and why."""
    beyond: list[Beyond]
    """What is out of reach, and who must do something about it."""
    compacted: bool
    """Whether the file was rewritten after it, so that the storage that was freed holds nothing either.
    Where it is false, call ``privacy.compact``."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class RetentionResult(_Record):
    """What a rule of retention found."""

    name: str
    """The rule."""
    data: RetentionData
    """What it is about."""
    before: datetime
    """What is older than this is due; aware, UTC."""
    due: int
    """How many are due; of changes, which are counted only as they go, 0 in a dry run."""
    held: int
    """How many of them a hold keeps."""
    sample: list[int]
    """The first of them: ids of leads or contacts."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class RetentionReport(_Record):
    """What the rules of retention found."""

    erased: bool
    """Whether anything was erased."""
    rules: list[RetentionResult]
    """Each rule, in the order of the settings."""
    compacted: bool
    """Whether the file was rewritten after it; see :attr:`ErasureCertificate.compacted`."""
