"""Your first import: a messy CSV in, leads in SQLite, rejects and a report out.

    python examples/python/import_leads.py              makes a messy sample and imports it
    python examples/python/import_leads.py my.csv       imports your file
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import leadkit


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else make_sample()
    database = source.with_suffix(".db")

    with leadkit.open(database) as db:
        report = db.import_leads(source, progress=True)

    page = source.with_suffix(".report.html")
    report.save_html(page)
    summary(report)
    print(f"\nLeads    {database}")
    print(f"Report   {page}")
    if report.rejects:
        print(f"Rejects  {report.rejects}  (fix them and import this file again)")


def make_sample() -> Path:
    folder = Path(tempfile.gettempdir()) / "leadkit-example"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "trade-fair.csv"
    path.write_bytes(leadkit.testing.messy_csv(2000, seed=7))
    return path


def summary(report: leadkit.ImportReport) -> None:
    print(f"{report.file}: {report.format.encoding}, delimiter {json.dumps(report.format.delimiter)}")
    print(f"\n{report.rows:>9}  rows in {report.timing.seconds:.2f} s")
    counts = [
        (report.created, "became new leads"),
        (report.updated, "updated a lead"),
        (report.merged, "completed a lead that was there"),
        (report.skipped, "changed nothing"),
        (report.rejected, "handed back"),
    ]
    for count, what in counts:
        if count:
            print(f"{count:>9}  {what}")
    print("\nColumns")
    for column in report.mapping:
        fields = ", ".join(column.fields) or "(left out)"
        print(f"  {column.column:<14} -> {fields:<14} {column.confidence * 100:>3.0f} %")
    print("\nNoticed")
    for issue in report.issues[:12]:
        print(f"{issue.count:>7} x  {issue.field or 'row':<12} {issue.message}")


if __name__ == "__main__":
    main()
