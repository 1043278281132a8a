"""Writes us_hours.json: the legal hours of every state of the United States over two years, worked out
with Python's zoneinfo from the same rules and places, by none of leadkit's code.

python us_hours.py > us_hours.json
"""

import datetime as dt
import json
import pathlib
from functools import lru_cache
from zoneinfo import ZoneInfo

CORE = pathlib.Path(__file__).parents[3] / "leadkit-core/src/compliance"
RULES = json.loads((CORE / "rules.json").read_text(encoding="utf-8"))
PLACES = json.loads((CORE / "places.json").read_text(encoding="utf-8"))["places"]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
HOURS = 2 * 365 * 24


def easter(year: int) -> dt.date:
    """By Meeus."""
    a, b, c = year % 19, *divmod(year, 100)
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)


def dates(on: str, year: int) -> dt.date | None:
    words, move = on.split(), 0
    if len(words) in (2, 4):
        move = int(words.pop())
    if words == ["easter"]:
        base = easter(year)
    elif len(words) == 3:
        weekday, nth, month = DAYS.index(words[0]), int(words[1]), int(words[2])
        all_days = [dt.date(year, month, 1) + dt.timedelta(n) for n in range(31)]
        fitting = [day for day in all_days if day.month == month and day.weekday() == weekday]
        base = fitting[nth - 1 if nth > 0 else nth]
    else:
        month, day = words[0].split("-")
        base = dt.date(year, int(month), int(day))
    return base + dt.timedelta(move)


def holidays(state: str) -> set[dt.date]:
    found = set()
    for holiday in RULES["holidays"]:
        if holiday["country"] != "US" or holiday.get("state") not in (None, state):
            continue
        for year in range(2025, 2030):
            day = dates(holiday["on"], year)
            found.add(day)
            if holiday.get("observed") and day.weekday() == 5:
                found |= {day - dt.timedelta(1), day + dt.timedelta(2)}
            if holiday.get("observed") and day.weekday() == 6:
                found.add(day + dt.timedelta(1))
    return found


def spans(rule: dict, day: dt.date, free: set[dt.date]) -> str:
    hours = rule["hours"]
    if "holiday" in hours and day in free:
        return hours["holiday"]
    text = []
    for days, value in hours.items():
        first, _, last = ("mon-sun" if days == "daily" else days).partition("-")
        if first != "holiday" and DAYS.index(first) <= day.weekday() <= DAYS.index(last or first):
            text.append(value)
    return ",".join(text)


@lru_cache(None)
def minutes(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        (a, b), (c, d) = (map(int, time.split(":")) for time in part.split("-"))
        found |= set(range(a * 60 + b, c * 60 + d))
    return frozenset(found)


def legal(state: str, channel: str) -> list[bool]:
    place = next(p for p in PLACES if (p["country"], p["state"]) == ("US", state))
    rules = [
        rule
        for rule in RULES["rules"]
        if rule["country"] == "US"
        and rule.get("state") in (None, state)
        and channel in rule.get("channels", [channel])
    ]
    free, zones = holidays(state), [ZoneInfo(zone) for zone in place["time_zones"]]
    out = []
    for hour in range(HOURS):
        at = START + dt.timedelta(hours=hour)
        local = [at.astimezone(zone) for zone in zones]
        out.append(
            all(
                now.hour * 60 + now.minute in minutes(spans(rule, now.date(), free))
                for now in local
                for rule in rules
                if rule.get("effective_from", "") <= now.date().isoformat()
            )
        )
    return out


if __name__ == "__main__":
    result = {}
    for place in PLACES:
        if place["country"] == "US":
            for channel in ("sms", "voice"):
                bits = "".join("1" if yes else "0" for yes in legal(place["state"], channel))
                # FNV-1a, which is a few lines in any language.
                fnv = 0xCBF29CE484222325
                for byte in bits.encode():
                    fnv = (fnv ^ byte) * 0x100000001B3 % 2**64
                result[f"{place['state']} {channel}"] = {"legal_hours": bits.count("1"), "fnv1a": f"{fnv:016x}"}
    print(json.dumps(result, indent=0))
