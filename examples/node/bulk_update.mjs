// Change many leads, and take it back: plan, look, run, undo.
//
//   node bulk_update.mjs
import { open, testing } from "leadkit";

const db = await open(":memory:", { actor: "mia", reason: "after the fair" });
await db.importLeads(testing.messyCsv(2000, { seed: 7 }));

// A plan changes nothing: it says what would happen.
const plan = await db.bulk.planUpdate(
  { country: "DE", first_name: { is_null: false } },
  {
    set: { owner: "mia", notes: { template: "Met {{ lead.first_name }} at the fair" } },
    addTags: ["fair-2026"],
  },
);
console.log(`Planned: ${plan.kind}`);
count(plan.count, "leads found");
count(plan.changes, "would change");
for (const warning of plan.warnings) count(warning.count, warning.message);
console.log("\nSuch as");
for (const { name, fields } of plan.sample.slice(0, 3)) {
  console.log(`  ${name}: notes become ${JSON.stringify(fields.notes?.after)}`);
}

// Meanwhile a colleague works one of them: the run leaves it alone.
const tom = db.asActor("tom", { reason: "called" });
const [first, second] = plan.sample;
await tom.leads.update(first?.lead ?? 0, { status: "contacted" });
const done = await db.bulk.run(plan);
console.log("\nRun");
count(done.changed, "changed");
count(done.skipped, "left alone");

// And works another one afterwards: the undo leaves that value alone.
await tom.leads.update(second?.lead ?? 0, { owner: "tom" });
const undone = await db.operations.undo(done);
console.log("\nTaken back");
count(undone.changed, "leads are as they were");
count(undone.conflicts, "values of others stay");
for (const { lead, field, found, code } of await db.operations.conflicts(undone.id)) {
  console.log(`  lead ${lead}: ${field} is ${JSON.stringify(found)} by now (${code})`);
}

console.log("\nThe log");
for (const { id, kind, actor, changed } of await db.operations.list()) {
  console.log(`  ${String(id).padStart(3)} ${kind.padEnd(12)} ${(actor ?? "-").padEnd(4)} ${changed}`);
}
await db.close();

/**
 * @param {number} number
 * @param {string} what
 */
function count(number, what) {
  console.log(`${String(number).padStart(9)}  ${what}`);
}
