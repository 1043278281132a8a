"""Imports a messy CSV into SQLite and tells what happened.

    python examples/python/import_leads.py [leads.csv [leads.db]]

Without a file it makes one, as such files are: no two spellings alike, Windows encoding, a title
above the header.
"""

from __future__ import annotations

import sys
from pathlib import Path

import leadkit

MESSY = """\
Messe Hannover;;;;
;;;;
Name;E-Mail Adresse;Telefon;Firma;Land
Müller, Jürgen;J.Mueller@Beispiel-GmbH.DE;0511 / 123 45 - 0;Beispiel GmbH;Deutschland
ADA LOVELACE;ada@lovelace.org;+44 20 7946 0958;Analytical Engines Ltd.;UK
Ada Lovelace;Ada@Lovelace.ORG;;Analytical Engines Limited;GB
Grace Hopper;grace.hopper(at)navy.mil;(202) 555-0143;US Navy;USA
n/a;info@beispiel.at;-;;Österreich
Bob;;;;
"""


def main(arguments: list[str]) -> None:
    source = Path(arguments[0]) if arguments else Path("messy.csv")
    target = Path(arguments[1]) if len(arguments) > 1 else Path("leads.db")
    if not arguments:
        source.write_text(MESSY, encoding="windows-1252")

    with leadkit.open(target) as db:
        report = db.import_leads(source, default_country="DE", progress=True)
        page = source.with_suffix(".report.html")
        report.save_html(page)

        print(f"{source}: {report.format.encoding}, delimiter {report.format.delimiter!r}")
        for column in report.mapping:
            print(f"  {column.column} -> {', '.join(column.fields) or 'left out'} ({column.confidence:.0%})")
        print(
            f"{report.rows} rows: {report.created} created, {report.updated} updated, "
            f"{report.merged} merged, {report.skipped} skipped, {report.rejected} rejected"
        )
        for issue in report.issues:
            rows = ", ".join(str(example.row) for example in issue.examples)
            print(f"  {issue.count} x {issue.field or 'row'} {issue.message} (row {rows})")
        print(f"{db.leads.count()} leads in {target}")
        for lead in db.leads.find(limit=3):
            print(f"  {lead.id}: {lead.full_name or lead.company or '-'} <{lead.email}> {lead.phone or ''}".rstrip())

    print(f"report: {page}")
    if report.rejects:
        print(f"rejected rows: {report.rejects}")


if __name__ == "__main__":
    main(sys.argv[1:])
