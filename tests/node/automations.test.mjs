// What happens by itself, as far as it is Node's own: the builder, transports and signals of a tick.
import assert from "node:assert/strict";
import { test } from "node:test";
import { automation, steps, testing } from "leadkit";

const NOW = "2026-03-02T15:00:00Z";

test("the builder puts the JSON together, and each step gives a new one", async () => {
  const head = automation({ on: "assigned", to: ["mia"] }, { again: "30d", stop: { reply: true } });
  const greeted = head.sms({ template: "hello" }).awaitReply("2d");
  const whole = greeted
    .when({ replied: true }, steps().status("hot").host("hot", { queue: "in" }), [{ do: "task", subject: "Call" }])
    .tag(["seen"])
    .set({ source: "fair", score: null })
    .wait("1d", { at: "09:00" })
    .assign(["mia", "tom"])
    .stop();
  assert.deepEqual(whole.build(), {
    trigger: { on: "assigned", to: ["mia"] },
    again: "30d",
    stop: { reply: true },
    steps: [
      { do: "sms", template: "hello" },
      { do: "await_reply", for: "2d" },
      {
        do: "if",
        condition: { replied: true },
        then: [{ do: "status", to: "hot" }, { do: "host", event: "hot", data: { queue: "in" } }],
        else: [{ do: "task", subject: "Call" }],
      },
      { do: "tag", add: ["seen"] },
      { do: "set", values: { source: "fair", score: null } },
      { do: "wait", for: "1d", at: "09:00" },
      { do: "assign", owners: ["mia", "tom"] },
      { do: "stop" },
    ],
  });
  assert.equal(greeted.build().steps.length, 2);
  assert.equal(head.build().steps.length, 0);
});

test("what is built is saved and rehearsed; what get gives is the same version again", async () => {
  const db = await testing.open(":memory:", { now: NOW, seed: 1 });
  const seen = automation({ on: "field_changed", fields: ["city"] }).tag(["seen"]).wait("1d").task("Visit them");
  assert.equal((await db.automations.save("seen", seen)).version, 1);
  const there = await db.automations.get("seen");
  assert.ok(there);
  assert.equal((await db.automations.save("seen", there.spec)).version, 1);
  const { id } = await db.leads.add({ email: "ada@lovelace.org" });
  await db.leads.update(id, { city: "Oslo" });
  db.advance(60);
  const rehearsal = await db.automations.rehearse(seen);
  assert.deepEqual([rehearsal.runs, rehearsal.ended], [1, { waiting: 1 }]);
  await assert.rejects(db.automations.save("seen", automation({ on: "lead_created" }).wait("soon")), {
    code: "invalid_argument",
    field: "steps[0].for",
  });
  await db.close();
});

test("a tick hands over by an object of one's own, and is stopped by a signal", async () => {
  const db = await testing.open(":memory:", { now: NOW, seed: 1 });
  await db.settings.set({ sending: true });
  await db.automations.save("greet", automation({ on: "lead_created" }).sms({ body: "Hi! Reply STOP", purpose: "informational" }));
  await db.automations.enable("greet");
  await db.leads.add({ email: "ada@lovelace.org", phone: "+1 212 736 5000" });
  /** @type {string[]} */
  const sent = [];
  const transport = {
    capabilities: () => ({ provider: "paper", sms: true }),
    sendSms: async (/** @type {any} */ request) => {
      sent.push(request.body);
      return /** @type {const} */ ({ outcome: "accepted", sid: "P1", status: "sent" });
    },
  };
  const signal = AbortSignal.abort();
  await assert.rejects(db.tick(transport, { signal }), { name: "AbortError", code: "cancelled" });
  assert.deepEqual(sent, []);
  const report = await db.tick(transport);
  assert.deepEqual([report.started, report.dispatch?.sent, sent], [1, 1, ["Hi! Reply STOP"]]);
  assert.ok(report.nextAt instanceof Date);
  assert.equal((await db.tick()).dispatch, null);
  await assert.rejects(db.tick(/** @type {any} */ ({})), { code: "invalid_argument" });
  await assert.rejects(db.tick(null, /** @type {any} */ ({ signal: 1 })));
  await assert.rejects(db.tick(undefined, /** @type {any} */ ({ limti: 1 })), { code: "unknown_option" });
  await db.close();
});
