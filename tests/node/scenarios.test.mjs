// Runs tests/scenarios/*.json: the contract, the same files in all three languages.
// The format stands in tests/rust/scenarios.rs.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as leadkit from "leadkit";
import { folder } from "./support.mjs";

const home = fileURLToPath(new URL("../scenarios/", import.meta.url));
/** Options that are structs, or lists of them. */
const STRUCTS = new Set(["attachments", "budgets", "checkpoint", "consent", "format", "keys", "prices", "quiet_hours", "rules", "search"]);
let found = 0;

for (const file of readdirSync(home).filter((name) => name.endsWith(".json")).sort()) {
  for (const scenario of JSON.parse(readFileSync(join(home, file), "utf8"))) {
    found += 1;
    test(`${file}: ${scenario.name}`, () => run(scenario));
  }
}

test("all scenarios are found", () => assert.ok(found > 20));

/** @param {any} scenario */
async function run(scenario) {
  const tmp = folder();
  const now = scenario.now ?? "2026-03-02T09:00:00Z";
  /** @type {any} */
  const state = { now, db: await leadkit.testing.open(join(tmp, "leads.db"), { now, seed: 1 }) };
  /** @type {Record<string, any>} */
  const kept = { tmp };
  for (const [index, raw] of scenario.steps.entries()) {
    const step = fill(raw, kept);
    const at = `step ${index + 1} (${step.op})`;
    let result;
    try {
      const found = await call(state, step);
      if (step.keep) kept[step.keep] = found;
      result = plain(found);
    } catch (error) {
      if (!(error instanceof leadkit.LeadkitError)) throw error;
      assert.ok(step.error, `${at}: ${error.code}: ${error.message}`);
      assert.equal(error.code, step.error.code, `${at}: ${error.message}`);
      // Options are spelled as the language spells them; field names are the same everywhere.
      const hint = step.error.hint ?? "";
      const said = [hint, camel(hint)].some((part) => error.message.includes(part));
      assert.ok(said, `${at}: "${error.message}" does not say "${hint}"`);
      continue;
    }
    assert.ok(!step.error, `${at}: no error but ${JSON.stringify(result)}`);
    if ("count" in step) assert.equal((result.items ?? result).length, step.count, at);
    if ("expect" in step) holds(step.expect, result, at);
  }
  await state.db.close();
}

/**
 * @param {any} state
 * @param {any} step
 */
async function call(state, step) {
  const args = (step.args ?? []).map(source);
  const options = camelOptions(step.options ?? {});
  switch (step.op) {
    case "open":
      state.db = await leadkit.testing.open(args[0], { now: state.now, seed: 1, ...options });
      return null;
    case "as_actor":
      state.db = state.db.asActor(args[0], options);
      return null;
    case "write_file":
      return writeFileSync(args[0], args[1]);
    case "read_file":
      return readFileSync(args[0], "utf8");
    case "read_table": {
      const table = await leadkit.readTable(args[0], options);
      const rows = [];
      for await (const row of table) rows.push(row);
      return { header: table.header, rows };
    }
    case "twilio.start":
      state.fake = new leadkit.testing.FakeTwilio(state.db, options);
      return null;
    case "twilio.fate":
    case "twilio.fault":
    case "twilio.accepted":
      return state.fake[step.op.slice("twilio.".length)](...args);
    case "twilio.callbacks": {
      const all = [];
      for (const request of state.fake.callbacks()) all.push(await state.db.comms.receive(state.fake.twilio(), request));
      return all;
    }
    case "twilio.inbound":
    case "twilio.forged": {
      const request = state.fake.inbound(args[0], state.fake.number, args[1], "https://x.example/in");
      if (step.op === "twilio.forged") request.body = Buffer.concat([request.body, Buffer.from("&Body=START")]);
      return state.db.comms.receive(state.fake.twilio(), request);
    }
    case "tick":
      // With the fake, once there is one.
      return state.db.tick(state.fake?.twilio(), options);
    case "comms.dispatch":
      return state.db.comms.dispatch(state.fake.twilio(), options);
    case "comms.reconcile":
      return state.db.comms.reconcile(state.fake.twilio());
    case "comms.send_sms":
      return state.db.comms.sendSms(args[0], state.fake.twilio(), options);
    case "privacy.erase_at_provider":
      return state.db.privacy.erasePerson(args[0], { transport: state.fake.twilio(), ...options });
    case "legal_hours.decide":
      return new leadkit.LegalHours().decide(args[0], options);
    case "leads.iterate": {
      const leads = [];
      for await (const lead of state.db.leads.iterate(args[0], options)) leads.push(lead);
      return leads;
    }
  }
  if (step.options) args.push(options);
  /** @type {any} */
  let target = step.op.includes(".") || camel(step.op) in state.db ? state.db : leadkit;
  const path = step.op.split(".").map(camel);
  const name = path.pop();
  for (const part of path) target = target[part];
  return target[name](...args);
}

/** @param {string} name */
function camel(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

/**
 * Options are structs: their names are camelCase, and so are those of the options that are structs themselves.
 * What they hold beyond that is data.
 * @param {any} options
 * @returns {any}
 */
function camelOptions(options) {
  if (Array.isArray(options)) return options.map(camelOptions);
  if (typeof options !== "object" || options === null) return options;
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [camel(key), STRUCTS.has(key) ? camelOptions(value) : value]));
}

/** @param {any} arg */
function source(arg) {
  if (typeof arg?.text === "string") return Buffer.from(arg.text);
  if (typeof arg?.hex === "string") return Buffer.from(arg.hex, "hex");
  if (Array.isArray(arg?.messy)) return leadkit.testing.messyCsv(arg.messy[0], { seed: arg.messy[1] });
  return arg;
}

/**
 * @param {any} value
 * @param {Record<string, any>} kept
 * @returns {any}
 */
function fill(value, kept) {
  if (typeof value === "string") {
    const [name = "", ...path] = value.replace(/^\$/, "").split(".");
    if (value.startsWith("$") && name in kept && !value.includes("/")) {
      return path.reduce((found, part) => found[camel(part)], kept[name]);
    }
    return value.replaceAll("$tmp", kept.tmp);
  }
  if (Array.isArray(value)) return value.map((v) => fill(v, kept));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fill(v, kept)]));
  return value;
}

/**
 * A result as JSON has it.
 * @param {any} value
 */
function plain(value) {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

/**
 * Whether all that is expected is there; objects may hold more, lists may not.
 * @param {any} expected
 * @param {any} actual
 * @param {string} at
 */
function holds(expected, actual, at) {
  if (Array.isArray(expected)) {
    assert.equal(actual?.length, expected.length, `${at}: ${JSON.stringify(actual)}`);
    expected.forEach((e, i) => holds(e, actual[i], `${at}[${i}]`));
  } else if (expected && typeof expected === "object") {
    assert.ok(actual && typeof actual === "object", `${at} is ${JSON.stringify(actual)}`);
    for (const [key, value] of Object.entries(expected)) {
      holds(value, actual[key] ?? actual[camel(key)] ?? null, `${at}.${key}`);
    }
  } else {
    assert.deepEqual(actual, expected, at);
  }
}
