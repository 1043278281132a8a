"""Change many leads, and take it back: plan, look, run, undo.

    python examples/python/bulk_update.py
"""

from __future__ import annotations

import json

import leadkit


def main() -> None:
    with leadkit.open(":memory:", actor="mia", reason="after the fair") as db:
        db.import_leads(leadkit.testing.messy_csv(2000, seed=7))

        # A plan changes nothing: it says what would happen.
        plan = db.bulk.plan_update(
            {"country": "DE", "first_name": {"is_null": False}},
            set={"owner": "mia", "notes": {"template": "Met {{ lead.first_name }} at the fair"}},
            add_tags=["fair-2026"],
        )
        print(f"Planned: {plan.kind}")
        count(plan.count, "leads found")
        count(plan.changes, "would change")
        for warning in plan.warnings:
            count(warning.count, warning.message)
        print("\nSuch as")
        for change in plan.sample[:3]:
            print(f"  {change.name}: notes become {json.dumps(change.fields['notes'].after, ensure_ascii=False)}")

        # Meanwhile a colleague works one of them: the run leaves it alone.
        tom = db.as_actor("tom", "called")
        tom.leads.update(plan.sample[0].lead, status="contacted")
        done = db.bulk.run(plan, progress=True)
        print("\nRun")
        count(done.changed, "changed")
        count(done.skipped, "left alone")

        # And works another one afterwards: the undo leaves that value alone.
        tom.leads.update(plan.sample[1].lead, owner="tom")
        undone = db.operations.undo(done)
        print("\nTaken back")
        count(undone.changed, "leads are as they were")
        count(undone.conflicts, "values of others stay")
        for conflict in db.operations.conflicts(undone.id):
            found = json.dumps(conflict.found)
            print(f"  lead {conflict.lead}: {conflict.field} is {found} by now ({conflict.code})")

        print("\nThe log")
        for operation in db.operations.list():
            print(f"  {operation.id:>3} {operation.kind:<12} {operation.actor:<4} {operation.changed}")


def count(number: int, what: str) -> None:
    print(f"{number:>9}  {what}")


if __name__ == "__main__":
    main()
