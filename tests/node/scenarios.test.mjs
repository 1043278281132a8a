// Runs `tests/scenarios/*.json`: the contract, the same files in all three languages; the shape of a
// scenario is told in `tests/rust/scenarios.rs`. Options go in and results come out in lowerCamelCase
// here; maps by field or column are data and stay.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import * as leadkit from "leadkit";

/** @typedef {any} Json */

const folder = new URL("../scenarios/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
assert.ok(files.length > 0);

for (const file of files) {
  describe(file, () => {
    for (const scenario of JSON.parse(readFileSync(new URL(file, folder), "utf8"))) {
      test(scenario.name, () => run(scenario));
    }
  });
}

/** @param {Json} scenario */
async function run(scenario) {
  const tmp = mkdtempSync(join(tmpdir(), "leadkit-scenario-"));
  const now = scenario.now ?? "2026-03-02T09:00:00Z";
  const state = { db: await leadkit.testing.open(join(tmp, "leads.db"), { now, seed: 1 }), now };
  try {
    for (const [index, raw] of scenario.steps.entries()) {
      const step = fill(raw, tmp);
      const at = `step ${index + 1} (${step.op})`;
      let result;
      try {
        result = await call(state, step);
      } catch (error) {
        if (!(error instanceof leadkit.LeadkitError)) throw error;
        assert.ok(step.error, `${at}: ${error.code}: ${error.message}`);
        assert.equal(error.code, step.error.code, `${at}: ${error.message}`);
        const hint = error.code === "unknown_option" ? camel(step.error.hint ?? "") : (step.error.hint ?? "");
        assert.ok(error.message.includes(hint), `${at}: "${error.message}" does not say "${hint}"`);
        continue;
      }
      assert.ok(!step.error, `${at}: no error`);
      if ("count" in step) assert.equal((result.items ?? result).length, step.count, at);
      if ("expect" in step) holds(step.expect, result, at);
    }
  } finally {
    await state.db.close();
    rmSync(tmp, { recursive: true, force: true });
  }
}

/**
 * @param {{ db: leadkit.testing.TestingDatabase, now: string }} state
 * @param {Json} step
 * @returns {Promise<Json>}
 */
async function call(state, step) {
  const { db } = state;
  const args = step.args ?? [];
  const options = step.options && optionsOf(step.options);
  switch (step.op) {
    case "sniff":
      return leadkit.sniff(source(args[0]), options);
    case "read_table": {
      const table = await leadkit.readTable(source(args[0]), options);
      return { header: table.header, rows: await all(table) };
    }
    case "open":
      state.db = await leadkit.testing.open(args[0], { ...options, now: state.now, seed: 1 });
      return null;
    case "as_actor":
      state.db = db.asActor(args[0], options);
      return null;
    case "import_leads":
    case "preview_import":
      return db[/** @type {"importLeads"} */ (camel(step.op))](source(args[0]), options);
    case "leads.iterate":
      return all(db.leads.iterate(args[0], options));
    case "write_file":
      return writeFileSync(args[0], args[1]);
    case "read_file":
      return readFileSync(args[0], "utf8");
  }
  // Everything else has the name of its op.
  const [room, name] = step.op.includes(".") ? step.op.split(".") : [null, step.op];
  const owner = /** @type {Json} */ (room ? db[/** @type {"leads"} */ (room)] : camel(name) in db ? db : leadkit);
  assert.equal(typeof owner[camel(name)], "function", `there is no op ${step.op}`);
  return owner[camel(name)](...args, ...(options ? [options] : []));
}

/** @param {string} name */
function camel(name) {
  return name.replace(/(?<=[a-z])_([a-z])/g, (_, letter) => letter.toUpperCase());
}

/**
 * The keys of options, and of the options inside them.
 * @param {Json} options
 * @returns {Json}
 */
function optionsOf(options) {
  const entries = Object.entries(options).map(([key, value]) => [
    camel(key),
    key === "format" && typeof value === "object" ? optionsOf(value) : value,
  ]);
  return Object.fromEntries(entries);
}

/** @param {Json} value */
function source(value) {
  if (typeof value?.text === "string") return Buffer.from(value.text);
  if (typeof value?.hex === "string") return Buffer.from(value.hex, "hex");
  return value;
}

/** @param {AsyncIterable<Json>} items */
async function all(items) {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}

/**
 * @param {Json} value
 * @param {string} tmp
 * @returns {Json}
 */
function fill(value, tmp) {
  if (typeof value === "string") return value.replaceAll("$tmp", tmp);
  if (Array.isArray(value)) return value.map((item) => fill(item, tmp));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, tmp)]));
}

/**
 * Whether all that is expected is there; objects may hold more, lists may not.
 * @param {Json} expected
 * @param {Json} actual
 * @param {string} at
 */
function holds(expected, actual, at) {
  if (actual instanceof Date) actual = actual.toISOString();
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), at);
    assert.equal(actual.length, expected.length, `${at}: how many`);
    for (const [i, item] of expected.entries()) holds(item, actual[i], `${at}[${i}]`);
  } else if (typeof expected === "object" && expected !== null) {
    assert.ok(typeof actual === "object" && actual !== null, `${at} is ${actual}`);
    for (const [key, value] of Object.entries(expected)) {
      const name = key in actual ? key : camel(key);
      holds(value, actual[name] ?? null, `${at}.${name}`);
    }
  } else {
    assert.equal(actual, expected, at);
  }
}
