// Sending to many and to one: what scenarios cannot say, of the event loop, objects of JavaScript's and files.
import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { testing } from "leadkit";
import { folder } from "./support.mjs";

const NOW = "2026-03-02T15:00:00Z";
const ADA = "+12127365000";

async function ready() {
  const db = await testing.open(":memory:", { now: NOW, seed: 1 });
  await db.settings.set({ sending: true });
  await db.leads.add({ email: "ada@lovelace.org", phone: ADA });
  return db;
}

/**
 * @param {import("leadkit").Transport["sendSms"]} sendSms
 * @returns {import("leadkit").Transport}
 */
const paper = (sendSms) => ({ capabilities: () => ({ provider: "paper", account: "P", sms: true }), sendSms });

test("one message goes by an object of JavaScript's", async () => {
  const db = await ready();
  /** @type {import("leadkit").SmsRequest[]} */
  const took = [];
  const taking = paper(async (request) => {
    took.push(request);
    return { outcome: "accepted", sid: "P1", status: "sent" };
  });
  const sent = await db.comms.sendSms(1, taking, { body: "Your code is 1", purpose: "informational" });
  assert.deepEqual([sent.state, sent.providerId, took[0]?.to, took[0]?.body], ["accepted", "P1", ADA, "Your code is 1"]);
  const losing = paper(() => {
    throw new Error("a token, perhaps");
  });
  const unknown = await db.comms.sendSms(1, losing, { body: "Your code is 2", purpose: "informational" });
  assert.equal(unknown.state, "unknown");
  assert.doesNotMatch(unknown.refusal?.message ?? "token", /token/);
  await assert.rejects(db.comms.sendSms(1, /** @type {any} */ ({}), { body: "3" }), { code: "invalid_argument" });
});

test("draining leaves the event loop at work", async () => {
  const db = await ready();
  await db.comms.queueSms(1, { body: "on its way", purpose: "informational" });
  /** @type {(value?: unknown) => void} */
  let entered = () => {};
  /** @type {(value?: unknown) => void} */
  let go = () => {};
  const inside = new Promise((resolve) => (entered = resolve));
  const gate = new Promise((resolve) => (go = resolve));
  const report = db.comms.dispatch(
    paper(async () => {
      entered();
      await gate;
      return { outcome: "accepted", sid: "P1", status: "sent" };
    }),
  );
  await inside;
  const drained = db.comms.drain(60);
  // Were the loop held, these calls would be answered when the minute is over.
  while ((await db.settings.get()).sending);
  assert.equal(await db.comms.drain(0), 1);
  go();
  assert.deepEqual([(await report).sent, await drained], [1, 0]);
});

test("settings may be given back as they came, and keys that are data stay", async () => {
  const db = await ready();
  const there = await db.settings.set({
    budgets: [{ name: "all", amount: { amount: "10", currency: "USD" }, alertAt: [0.8] }],
    prices: { asOf: "2026-03", source: "contract", currency: "USD", sms: { US: "0.01", "*": "0.1" } },
    rules: { rules: [{ id: "x", country: "US", hours: { "mon-fri": "9:00-17:00" }, source: "counsel", readOn: "2026-03-01" }] },
    quietHours: { from: "20:00", until: "9:00" },
    rates: { our_sender: 2.5, "*": 1 },
    paused: ["spring"],
    countries: ["US"],
    marketingPerDay: 2,
  });
  assert.deepEqual(there.budgets, [
    { name: "all", amount: { amount: "10", currency: "USD" }, period: "month", campaign: null, alertAt: [0.8] },
  ]);
  assert.deepEqual([there.rates, there.prices.sms], [{ our_sender: 2.5, "*": 1 }, { US: "0.01", "*": "0.1" }]);
  assert.deepEqual(there.rules.rules?.[0]?.hours, { "mon-fri": "9:00-17:00" });
  assert.deepEqual(await db.settings.set(there), there);
  await assert.rejects(db.settings.set(/** @type {any} */ ({ quiet_hours: null })), {
    code: "unknown_option",
    hint: "did you mean `quietHours`?",
  });
  const wrong = [{ name: "x", amount: { amount: "1", currency: "USD" }, alert_at: [1] }];
  await assert.rejects(db.settings.set({ budgets: /** @type {any} */ (wrong) }), { hint: "did you mean `alertAt`?" });
});

test("a plan names reasons and warnings by their words", async () => {
  const db = await ready();
  await db.leads.add({ email: "mute@lovelace.org" });
  const plan = await db.comms.planSms({}, { body: "It’s spring", purpose: "informational", sendAt: new Date("2026-03-03T15:00:00Z") });
  assert.deepEqual(plan.messages?.refusals, { no_number: 1 });
  assert.deepEqual(plan.messages?.cost, { USD: "0.0083" });
  assert.equal(plan.messages?.warnings.non_gsm, 1);
  assert.deepEqual(plan.warnings.map((warning) => warning.code), ["not_contacted"]);
  assert.deepEqual([plan.messages?.firstAt, plan.messages?.sample[0]?.at], [new Date("2026-03-03T15:00:00Z"), plan.messages?.firstAt]);
  const operation = await db.bulk.run(plan);
  const [message] = (await db.comms.list()).items;
  assert.deepEqual([message?.operation, message?.campaign], [operation.id, `operation-${operation.id}`]);
});

test("a call's details, and what it cost", async () => {
  const db = await ready();
  const call = await db.comms.queueCall(1, { agent: "+12127365099", record: true, recordingConsent: "on the form", ring: 20 });
  assert.deepEqual([call.call?.recordingConsent, call.call?.answeredBy, call.call?.ring], ["on the form", null, 20]);
  const moved = await db.comms.reschedule(call.id, new Date("2026-03-03T15:00:00Z"));
  assert.deepEqual(moved.sendAt, new Date("2026-03-03T15:00:00Z"));
  assert.deepEqual(await db.comms.costs({ by: "channel", since: new Date(0), until: NOW }), { rows: [], total: [] });
});

test("suppressions say which line is wrong", async () => {
  const db = await ready();
  const path = join(folder(), "list.csv");
  await db.consent.record("withdrawal", "letter", { address: ADA });
  assert.equal(await db.consent.exportSuppressions(pathToFileURL(path)), 2);
  await appendFile(path, "nobody,sms,withdrawal,2026-01-05T10:00:00Z,letter\n");
  const other = await testing.open(":memory:", { now: NOW, seed: 1 });
  await assert.rejects(other.consent.applySuppressions(path), { code: "invalid_value", row: 4 });
  assert.equal((await other.consent.history()).items.length, 0);
});
