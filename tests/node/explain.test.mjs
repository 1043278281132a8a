// A lead explained: the data comes back as JSON and as a page, and a view explains what it sees.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LeadExplanation, testing } from "leadkit";
import { folder } from "./support.mjs";

test("an explanation is JSON and a page", async () => {
  const db = await testing.open(":memory:", { now: new Date("2026-03-02T15:00:00Z"), seed: 1 });
  const { id } = await db.leads.add({ email: "ada@example.org", phone: "+1 212 736 5000", first_name: "<b>Ada" });
  await db.comms.log(id, "voice", { body: "Wants prices" });
  const why = await db.leads.explain(id, { contacts: 5 });
  assert.ok(why instanceof LeadExplanation);
  assert.deepEqual([why.fields[0]?.origin?.operationId, why.contacts.counts.voice], [1, { outbound: 1 }]);
  const data = JSON.parse(why.toJson());
  assert.deepEqual([data.lead, data.at], [id, "2026-03-02T15:00:00.000Z"]);
  const page = why.toHtml();
  assert.ok(page.includes("&lt;b&gt;Ada") && !page.includes("<b>") && !page.includes("<script"));
  const path = join(folder(), "ada.html");
  await why.saveHtml(path);
  assert.equal(readFileSync(path, "utf8"), page);
  await assert.rejects(db.leads.explain(99), { code: "not_found" });
});

test("a view explains what it sees", async () => {
  const db = await testing.open(":memory:", { now: new Date("2026-03-02T15:00:00Z"), seed: 1 });
  const { id } = await db.leads.add({ email: "ada@example.org", phone: "+1 212 736 5000", city: "London" });
  /** @type {import("leadkit").AccessProfile} */
  const support = { fields: { email: "mask", phone: "hide", "contact.body": "hide" }, others: "show" };
  assert.deepEqual((await db.settings.set({ profiles: { support } })).profiles, { support });
  const view = db.asActor("tom", { profile: "support" });
  const why = await view.leads.explain(id);
  const text = why.toJson() + why.toHtml();
  assert.ok(text.includes("a…@example.org") && text.includes("London"));
  assert.ok(!text.includes("ada@") && !text.includes("7365000"));
  await assert.rejects(view.leads.count({ phone: "x" }), { code: "access_denied", field: "phone" });
});
