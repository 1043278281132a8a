// What crosses the border, both ways.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  LeadkitError,
  Page,
  normalizeCompany,
  normalizeCountry,
  normalizeEmail,
  normalizePerson,
  normalizePhone,
  open,
  testing,
} from "leadkit";
import { folder } from "./support.mjs";

/** @typedef {import("leadkit").Values} Values */

const now = new Date("2026-03-01T09:00:00.123Z");
const fixed = () => testing.open(":memory:", { now, seed: 1 });

/** Calls with arguments that TypeScript would refuse. @type {any} */
const wrong = (/** @type {unknown} */ value) => value;

test("properties are lowerCamelCase, names of fields are data", async () => {
  const db = await fixed();
  await db.fields.define({ key: "size_class", label: "Size class", kind: "choice", choices: ["a_b", "c"] });
  const lead = await db.leads.add({
    first_name: "ADA",
    last_name: "LOVELACE",
    email: "Ada@LOVELACE.org",
    postal_code: "00123",
    score: 4.5,
    tags: ["vip", "uk"],
    "custom.size_class": "a_b",
  });
  assert.equal(lead.firstName, "Ada");
  assert.equal(lead.postalCode, "00123");
  assert.equal(lead.score, 4.5);
  assert.deepEqual([...lead.tags].sort(), ["uk", "vip"]);
  assert.deepEqual(lead.custom, { size_class: "a_b" });
  assert.equal(lead.original.first_name, "ADA");
  assert.equal(lead.company, null);
  assert.deepEqual(lead.emails, []);
  assert.ok(!("first_name" in lead));

  const [change] = await db.leads.history(lead.id);
  assert.equal(change?.created, true);
  assert.equal(typeof change?.operationId, "number");
  assert.deepEqual(change?.fields.first_name, { before: null, after: "Ada" });
});

test("a field's name in camelCase is no field's name", async () => {
  const db = await fixed();
  await assert.rejects(db.leads.add(wrong({ firstName: "Ada", email: "ada@lovelace.org" })), (error) => {
    assert.ok(error instanceof LeadkitError);
    assert.equal(error.code, "unknown_field");
    assert.equal(error.field, "firstName");
    assert.match(error.hint ?? "", /first_name/);
    return true;
  });
});

test("instants are Dates, both ways", async () => {
  const db = await fixed();
  const lead = await db.leads.add({ email: "ada@lovelace.org" });
  assert.ok(lead.createdAt instanceof Date);
  assert.equal(lead.createdAt.getTime(), now.getTime());
  assert.equal(lead.deletedAt, null);
  assert.equal(await db.leads.count({ created_at: { lte: now } }), 1);
  assert.equal(await db.leads.count({ created_at: { lt: now } }), 0);
  db.advance(3600);
  assert.equal(await db.leads.count({ created_at: { lt: { ago: "30m" } } }), 1);
  const later = await db.leads.update(lead.id, { notes: "an hour later" });
  assert.equal(later.updatedAt.getTime() - later.createdAt.getTime(), 3_600_000);
});

test("undefined says nothing, null clears", async () => {
  const db = await fixed();
  const { id } = await db.leads.add({ email: "ada@lovelace.org", city: "London", notes: undefined });
  assert.equal((await db.leads.update(id, { city: undefined, state: "LDN" })).city, "London");
  assert.equal((await db.leads.update(id, { city: null })).city, null);
  const page = await db.leads.find(undefined, { limit: undefined, cursor: null });
  assert.equal(page.items.length, 1);
});

test("whole numbers of every kind are ids", async () => {
  const db = await fixed();
  const { id } = await db.leads.add({ email: "ada@lovelace.org" });
  assert.equal(id, 1);
  assert.equal((await db.leads.get(wrong(1n)))?.id, 1);
  assert.equal(await db.leads.get(2), null);
  for (const not of [1.5, NaN, Infinity, "1", {}, undefined, null, 2n ** 70n, true]) {
    await assert.rejects(db.leads.get(wrong(not)), { code: "invalid_argument", field: "id" });
  }
});

test("what is no value is said to be none", async () => {
  const db = await fixed();
  const nots = [
    () => 1,
    Symbol("x"),
    Promise.resolve("x"),
    new Map([["a", 1]]),
    new Set(),
    new Date(NaN),
    NaN,
    new Uint8Array(2),
    2n ** 64n,
  ];
  for (const not of nots) {
    await assert.rejects(db.leads.add(wrong({ city: not })), { code: "invalid_argument", field: "city" });
  }
  /** @type {Record<string, unknown>} */
  const circle = {};
  circle.city = circle;
  await assert.rejects(db.leads.add(wrong(circle)), /circle/);
  await assert.rejects(db.leads.add(wrong(Promise.resolve({}))), /await/);
  await assert.rejects(db.leads.add(wrong(undefined)), { code: "invalid_argument", field: "values" });
  await assert.rejects(db.leads.find(wrong("status")), { code: "invalid_filter" });
});

test("an exception of a getter is thrown as it is", async () => {
  const db = await fixed();
  const mine = new RangeError("mine");
  const values = {
    get city() {
      throw mine;
    },
  };
  await assert.rejects(db.leads.add(wrong(values)), (error) => error === mine);
});

test("texts cross whole: NUL, emoji, half a surrogate pair", async () => {
  const db = await fixed();
  const lead = await db.leads.add({ email: "ada@lovelace.org", notes: "Zoë 👩‍🚀 \u05d0" });
  assert.equal(lead.notes, "Zoë 👩‍🚀 \u05d0");
  const half = await db.leads.add({ email: "b@lovelace.org", notes: "\ud83d!" });
  assert.equal(half.notes, "\ufffd!");
});

test("urls are paths", async () => {
  const dir = folder();
  const file = join(dir, "50% täglich.db");
  const db = await open(pathToFileURL(file));
  assert.equal(db.path, file);
  await db.leads.add({ email: "ada@lovelace.org" });
  await db.close();
  const source = join(dir, "a b.csv");
  await writeFile(source, "email\nada@lovelace.org\nno\n");
  const again = await open(file);
  const rejects = pathToFileURL(join(dir, "bad rows.csv"));
  const report = await again.importLeads(pathToFileURL(source), { rejects });
  assert.equal(report.file, "a b.csv");
  assert.equal(report.rejects, join(dir, "bad rows.csv"));
  const target = await again.exportLeads(pathToFileURL(join(dir, "out put.csv")));
  assert.match(await readFile(target.path, "utf8"), /ada@lovelace.org/);
  await assert.rejects(again.importLeads(new URL("file://elsewhere/x.csv")), { code: "invalid_argument" });
  await again.close();
});

test("pages iterate and go on", async () => {
  const db = await fixed();
  for (const name of ["a", "b", "c"]) await db.leads.add({ email: `${name}@lovelace.org` });
  const first = await db.leads.find({}, { limit: 2, orderBy: ["-email"] });
  assert.ok(first instanceof Page);
  assert.deepEqual([...first].map((lead) => lead.email), ["c@lovelace.org", "b@lovelace.org"]);
  const second = await db.leads.find({}, { limit: 2, orderBy: ["-email"], cursor: first.nextCursor });
  assert.deepEqual(second.items.map((lead) => lead.email), ["a@lovelace.org"]);
  assert.equal(second.nextCursor, null);
  assert.equal((await db.leads.first({ email: "b@lovelace.org" }))?.id, 2);
  assert.equal(await db.leads.first({ email: "x@lovelace.org" }), null);
});

test("iterate gives every lead, in flat steps, and stops when left", async () => {
  const db = await fixed();
  await db.importLeads(Buffer.from("email\n" + Array.from({ length: 1200 }, (_, i) => `a${i}@lovelace.org\n`).join("")));
  let count = 0;
  for await (const lead of db.leads.iterate({}, { orderBy: ["id"] })) assert.equal(lead.id, ++count);
  assert.equal(count, 1200);
  for await (const lead of db.leads.iterate()) {
    assert.equal(lead.id, 1);
    break;
  }
  const bad = db.leads.iterate(wrong({ emial: "x" }));
  await assert.rejects(bad.next(), { code: "unknown_field" });
});

test("operations name who and why; their options are data", async () => {
  const db = await open(":memory:", { actor: "root", reason: "set-up" });
  const mia = db.asActor("mia", { reason: "fair" });
  await mia.leads.add({ email: "ada@lovelace.org" });
  await db.importLeads(Buffer.from("email\nb@lovelace.org\n"), { defaultCountry: "DE", name: "list" });
  const page = await db.operations.list();
  assert.deepEqual(page.items.map((o) => [o.kind, o.actor, o.reason]), [
    ["import", "root", "set-up"],
    ["add", "mia", "fair"],
  ]);
  const first = await db.operations.get(page.items[0]?.id ?? 0);
  assert.equal(first.name, "list");
  assert.equal(first.state, "finished");
  assert.ok(first.startedAt instanceof Date);
  assert.equal(/** @type {any} */ (first.options).default_country, "DE");
  assert.deepEqual(first.mapping, { email: "email" });
  await assert.rejects(db.operations.get(99), { code: "not_found" });
  assert.throws(() => db.asActor(wrong(7)), { code: "invalid_argument" });
  assert.throws(() => db.asActor("mia", wrong({ reson: "x" })), { code: "unknown_option" });
});

test("custom fields", async () => {
  const db = await fixed();
  const field = { key: "plan", label: "Plan", kind: /** @type {const} */ ("choice"), choices: ["free", "pro"] };
  assert.deepEqual(await db.fields.define(field), { ...field, archived: false });
  assert.equal((await db.fields.archive("plan")).archived, true);
  assert.deepEqual((await db.fields.list()).map((f) => f.key), ["plan"]);
  await assert.rejects(db.fields.archive("plam"), { code: "unknown_field" });
  await assert.rejects(db.fields.define(wrong({ ...field, kind: "chioce" })), /did you mean `choice`/);
});

test("normalising is at once, and never throws over a bad value", () => {
  const phone = normalizePhone("030 1234567", "DE");
  assert.equal(phone.e164, "+49301234567");
  assert.equal(phone.type, "fixed_line");
  assert.equal(normalizePhone("030 1234567").valid, false);
  assert.equal(normalizePhone("030 1234567").issues[0]?.code, "phone_no_country");
  assert.equal(normalizeEmail("Ada@Lovelace.ORG").address, "Ada@lovelace.org");
  assert.equal(normalizeEmail("ada").issues[0]?.severity, "error");
  assert.equal(normalizeEmail("info@lovelace.org").asciiDomain, "lovelace.org");
  assert.equal(normalizeCompany("Schäfer Möbel GmbH & Co. KG", "DE").legalForm, "GmbH & Co. KG");
  assert.equal(normalizePerson("Dr. Jürgen von der Müller").family, "von der Müller");
  assert.equal(normalizeCountry("Deutschland"), "DE");
  assert.equal(normalizeCountry("Atlantis"), null);
  assert.throws(() => normalizeEmail(wrong(7)), (error) => error instanceof LeadkitError);
  assert.throws(() => normalizeEmail(wrong(undefined)), { code: "invalid_argument", field: "text" });
});

test("two equal runs give equal bytes", async () => {
  const run = async () => {
    const db = await fixed();
    const { timing, ...report } = await db.importLeads(Buffer.from("email\nada@lovelace.org\n"));
    return JSON.stringify([report, await db.leads.find(), (await db.operations.list()).items.map((o) => o.startedAt)]);
  };
  assert.equal(await run(), await run());
  await assert.rejects(testing.open(":memory:", wrong({ seed: 1 })), { code: "invalid_argument", field: "now" });
});

test("secrets are bytes or base64", async () => {
  for (const secret of [Buffer.alloc(32, "k"), new Uint8Array(32), "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="]) {
    const db = await open(":memory:", { keys: [{ id: "2026", secret }] });
    assert.equal(await db.leads.count(), 0);
    await db.close();
    const short = secret.slice(0, 20);
    await assert.rejects(open(":memory:", { keys: [{ id: "2026", secret: short }] }), (error) => {
      assert.ok(error instanceof LeadkitError);
      assert.equal(error.code, "invalid_argument");
      return !error.message.includes("kkk");
    });
  }
});
