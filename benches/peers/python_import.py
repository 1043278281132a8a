"""The same import as people write it in Python today: pandas, email-validator, phonenumbers,
cleanco and sqlite3.

    python_import.py LEADS.csv FOLDER

Reads the file, checks and normalises emails and phones, tidies names, keys companies, drops
duplicates by email, stores the leads with indexes and writes the rejected rows. Prints one line
of JSON: what it cost and how many rows it read.
"""

import json
import os
import resource
import sqlite3
import sys
import time

import pandas as pd
import phonenumbers
from cleanco import basename
from email_validator import EmailNotValidError, validate_email

COUNTRIES = {
    "united states": "US", "usa": "US", "us": "US", "u.s.a.": "US",
    "united kingdom": "GB", "uk": "GB", "gb": "GB", "england": "GB",
    "germany": "DE", "de": "DE", "deutschland": "DE",
    "france": "FR", "fr": "FR", "canada": "CA", "ca": "CA", "australia": "AU", "au": "AU",
    "india": "IN", "in": "IN", "brazil": "BR", "br": "BR", "brasil": "BR",
    "japan": "JP", "jp": "JP", "日本": "JP", "spain": "ES", "es": "ES", "españa": "ES",
}  # fmt: skip
STATUSES = {"new", "contacted", "qualified", "unqualified", "nurturing", "converted", "lost"}
COLUMNS = [
    "external_id", "first_name", "last_name", "email", "phone", "company", "company_key", "job_title",
    "industry", "website", "street", "city", "state", "postal_code", "country", "source", "status",
    "owner", "score", "created_at", "notes",
]  # fmt: skip


def email(text):
    """Address, or none and why not."""
    if not text:
        return None, None
    try:
        # .test is reserved; the generated addresses live there.
        checked = validate_email(text, check_deliverability=False, test_environment=True)
        return checked.normalized.lower(), None
    except EmailNotValidError as error:
        return None, str(error)


def phone(text, region):
    """Number in E.164, or none; and whether it is in a range that is in use, as leadkit tells too."""
    if not text:
        return None, True
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None, True
    if not phonenumbers.is_possible_number(number):
        return None, True
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return shown, phonenumbers.is_valid_number(number)


def main(source, folder):
    frame = pd.read_csv(source, dtype=str, keep_default_na=False)
    rows = len(frame)
    frame = frame.rename(columns={
        "lead_id": "external_id", "title": "job_title", "postcode": "postal_code",
    })  # fmt: skip
    for column in frame.columns:
        frame[column] = frame[column].str.strip()

    frame["country"] = frame["country"].str.lower().map(COUNTRIES)
    for column in ["first_name", "last_name"]:
        text = frame[column].str.replace(r"\s+", " ", regex=True)
        shouted = (text == text.str.upper()) | (text == text.str.lower())
        frame[column] = text.where(~shouted, text.str.title())
    frame["company_key"] = [basename(text).casefold() if text else None for text in frame["company"]]
    phones = [
        phone(text, region if isinstance(region, str) else None)
        for text, region in zip(frame["phone"], frame["country"])
    ]
    frame["phone"] = [number for number, _ in phones]
    unused = sum(not in_use for _, in_use in phones)
    checked = [email(text) for text in frame["email"]]
    frame["email"] = [address for address, _ in checked]
    frame["reason"] = [reason for _, reason in checked]
    frame["score"] = pd.to_numeric(frame["score"], errors="coerce")
    frame["created_at"] = (
        pd.to_datetime(frame["created_at"], errors="coerce", utc=True, format="ISO8601")
        .dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    )  # fmt: skip
    status = frame["status"].str.lower()
    frame["status"] = status.where(status.isin(STATUSES), frame["status"])

    rejected = frame["reason"].notna()
    frame[rejected].to_csv(os.path.join(folder, "rejects.csv"), index=False)
    leads = frame[~rejected]
    duplicate = leads["email"].notna() & leads.duplicated("email", keep="first")
    leads = leads[~duplicate]

    database = sqlite3.connect(os.path.join(folder, "python.db"))
    database.execute("PRAGMA journal_mode = WAL")
    typed = ", ".join(f"{column} {'REAL' if column == 'score' else 'TEXT'}" for column in COLUMNS)
    database.execute(f"CREATE TABLE lead (id INTEGER PRIMARY KEY, {typed})")
    for column in ["external_id", "email", "phone", "status", "owner"]:
        database.execute(f"CREATE INDEX lead_{column} ON lead ({column})")
    values = leads[COLUMNS].astype(object).where(leads[COLUMNS].notna(), None)
    marks = ", ".join("?" * len(COLUMNS))
    with database:
        database.executemany(
            f"INSERT INTO lead ({', '.join(COLUMNS)}) VALUES ({marks})",
            values.itertuples(index=False, name=None),
        )
    database.close()
    return rows, {
        "created": len(leads), "skipped": int(duplicate.sum()), "rejected": int(rejected.sum()),
        "phones_not_in_use": unused,
    }  # fmt: skip


if __name__ == "__main__":
    began = time.perf_counter()
    rows, counts = main(sys.argv[1], sys.argv[2])
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1 if sys.platform == "darwin" else 1024
    # All of the process counts, with what importing the packages costs.
    cost = {"cpu": used.ru_utime + used.ru_stime, "wall": time.perf_counter() - began}
    print(json.dumps({
        "cost": cost, "peak_mb": used.ru_maxrss * unit / 1e6, "rows": rows, "detail": counts,
    }))  # fmt: skip
