// Operations on many leads, where scenarios cannot look: progress, signals, objects.
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { LeadkitError, Page, open, testing } from "leadkit";
import { csv, folder } from "./support.mjs";

/** Calls with arguments that TypeScript would refuse. @type {any} */
const wrong = (/** @type {unknown} */ value) => value;

async function filled(rows = 100) {
  const db = await testing.open(":memory:", { now: "2026-03-01T09:00:00Z", seed: 1 });
  const report = await db.importLeads(Buffer.from(csv(rows)), { rejects: false });
  return { db, report };
}

describe("plans", () => {
  test("are run by themselves, by what JSON keeps of them, or by their token", async () => {
    const { db } = await filled();
    const plan = await db.bulk.planUpdate({ last_name: "lovelace" }, { set: { owner: "mia" }, addTags: ["a"], sample: 2 });
    assert.deepEqual([plan.kind, plan.count, plan.changes, plan.sample.length], ["bulk_update", 100, 100, 2]);
    assert.deepEqual(plan.sample[0]?.fields.owner, { before: null, after: "mia" });
    assert.equal(plan.expiresAt.getTime() - plan.plannedAt.getTime(), 3_600_000);
    assert.deepEqual(await db.bulk.planOf(plan.token), plan);
    const done = await db.bulk.run(JSON.parse(JSON.stringify(plan)));
    assert.deepEqual([done.id, done.changed, done.state], [plan.operationId, 100, "finished"]);
    assert.deepEqual(await db.bulk.run(plan), done);
    assert.deepEqual(await db.bulk.run(plan.token), done);
    await assert.rejects(db.bulk.run(wrong(5)), { code: "invalid_argument", field: "plan" });
    await assert.rejects(db.bulk.run(wrong(undefined)), { code: "invalid_argument", field: "plan" });
  });

  test("options are lowerCamelCase, assignments and fields are data", async () => {
    const { db } = await filled(4);
    const snake = db.bulk.planDelete({ all: true }, wrong({ include_protected: true }));
    await assert.rejects(snake, /did you mean `includeProtected`/);
    await assert.rejects(db.bulk.planUpdate({}, wrong({ addTag: ["x"] })), /did you mean `addTags`/);
    await assert.rejects(db.bulk.run("x", wrong({ onprogress() {} })), /did you mean `onProgress`/);
    const rules = [{ filter: { id: 1 }, owner: "dora" }];
    const plan = await db.bulk.planAssign({}, { territory: { rules, otherwise: "otto" } }, { includeProtected: true });
    await db.bulk.run(plan);
    assert.equal(await db.leads.count({ owner: "otto" }), 3);
    await assert.rejects(db.bulk.planAssign({}, wrong({ roundRobin: ["mia"] })), /did you mean `round_robin`/);
  });
});

describe("undo", () => {
  test("takes a report, an operation or an id, and no lead", async () => {
    const { db, report } = await filled(3);
    const id = report.operationId ?? 0;
    const lead = await db.leads.add({ email: "eve@lovelace.org" });
    await assert.rejects(db.operations.undo(wrong(lead)), { code: "invalid_argument", field: "operation" });
    for (const given of [report, await db.operations.get(id), id]) {
      const undone = await db.operations.undo(given);
      assert.deepEqual([undone.changed, undone.undoOf, await db.leads.count()], [3, id, 1]);
      await db.operations.undo(undone);
      assert.equal(await db.leads.count(), 4);
    }
  });

  test("lists what it left alone", async () => {
    const { db } = await filled(2);
    const done = await db.bulk.run(await db.bulk.planUpdate({}, { set: { owner: "mia" } }));
    await db.leads.update(1, { owner: "tom" });
    await assert.rejects(db.operations.undo(done, { onConflict: "abort" }), { code: "undo_conflict", kind: "conflict" });
    const undone = await db.operations.undo(done, { leads: [1], fields: ["owner"] });
    const page = await db.operations.conflicts(undone.id, { limit: 10 });
    assert.ok(page instanceof Page);
    assert.deepEqual([...page], [{ lead: 1, code: "changed", field: "owner", wanted: "mia", found: "tom" }]);
  });
});

describe("running", () => {
  test("tells its progress", async () => {
    const { db } = await filled();
    /** @type {import("leadkit").Progress[]} */
    const events = [];
    const plan = await db.bulk.planUpdate({}, { set: { owner: "mia" } });
    await db.bulk.run(plan, { chunk: 10, onProgress: (p) => void events.push(p) });
    const last = events.at(-1);
    assert.deepEqual([last?.stage, last?.unit, last?.done, last?.total], ["bulk_update", "leads", 100, 100]);
  });

  test("a signal leaves an operation that can go on", async () => {
    const { db } = await filled(2_000);
    const plan = await db.bulk.planUpdate({}, { set: { notes: { template: "Hello {{ lead.email }}" } } });
    const abort = new AbortController();
    const reason = new Error("enough");
    const running = db.bulk.run(plan, { chunk: 5, signal: abort.signal, onProgress: () => abort.abort(reason) });
    await assert.rejects(running, (error) => {
      assert.ok(error instanceof LeadkitError);
      assert.deepEqual([error.code, error.name, error.cause], ["cancelled", "AbortError", reason]);
      return true;
    });
    const stopped = await db.operations.get(plan.operationId);
    assert.equal(stopped.state, "cancelled");
    assert.ok(stopped.changed > 0 && stopped.changed < 2_000, `${stopped.changed}`);
    assert.deepEqual((await db.health()).unfinished, [plan.operationId]);
    // In many small commits, each of which its undo takes back by itself.
    const done = await db.operations.resume(plan.operationId, { chunk: 5 });
    assert.deepEqual([done.state, done.changed], ["finished", 2_000]);

    const again = new AbortController();
    const undoing = db.operations.undo(done, { chunk: 5, signal: again.signal, onProgress: () => again.abort() });
    await assert.rejects(undoing, { code: "cancelled" });
    const [undo] = await db.operations.list({ kind: "undo" });
    assert.equal(undo?.state, "cancelled");
    assert.equal((await db.operations.resume(undo?.id ?? 0)).state, "finished");
    assert.equal(await db.leads.count({ notes: { is_null: false } }), 0);
  });

  test("what the callback throws stops the run and is thrown", async () => {
    const { db } = await filled();
    const mine = new TypeError("mine");
    const plan = await db.bulk.planDelete({ all: true });
    const onProgress = () => {
      throw mine;
    };
    await assert.rejects(db.bulk.run(plan, { chunk: 1, onProgress }), (error) => error === mine);
    assert.equal((await db.bulk.run(plan)).changed, 100);
  });
});

test("the list takes dates", async () => {
  const { db } = await filled(1);
  const noon = new Date("2026-03-01T12:00:00Z");
  db.advance(4 * 3600);
  await db.asActor("mia").leads.update(1, { city: "Bonn" });
  /** @param {import("leadkit").ListOptions} options */
  const kinds = async (options) => (await db.operations.list(options)).items.map((o) => o.kind);
  assert.deepEqual(await kinds({ since: noon }), ["update"]);
  assert.deepEqual(await kinds({ until: noon }), ["import"]);
  assert.deepEqual(await kinds({ actor: "mia", state: "finished" }), ["update"]);
});

test("health, backup and copy", async () => {
  const dir = folder();
  const db = await open(join(dir, "leads.db"));
  const report = await db.importLeads(Buffer.from(csv(50)), { rejects: false });
  const health = await db.health({ thorough: true });
  assert.deepEqual([health.ok, health.store, health.leads, health.damage], [true, "sqlite", 50, []]);
  const backup = await db.backup(join(dir, "backup.db"));
  assert.equal(backup.bytes, (await stat(backup.path)).size);
  await assert.rejects(db.backup(join(dir, "backup.db")), { code: "file_exists" });
  const stages = new Set();
  const copied = await db.copyTo(join(dir, "copy.db"), { onProgress: (p) => void stages.add(p.stage) });
  assert.deepEqual([copied.leads, [...stages]], [50, ["copy"]]);
  await assert.rejects(db.copyTo(join(dir, "copy.db")), { code: "already_exists", kind: "conflict" });
  await assert.rejects(db.copyTo(join(dir, "no.db"), { signal: AbortSignal.abort() }), { code: "cancelled" });
  for (const name of ["backup.db", "copy.db"]) {
    const other = await open(join(dir, name));
    assert.equal((await other.operations.undo(report)).changed, 50);
    await other.close();
  }
  await db.close();
});
