// The names: the same by import and by require, and those of index.d.ts; every error code and
// issue code of the core is in the types.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import * as esm from "leadkit";
import { LeadkitError, open, testing } from "leadkit";
import ts from "typescript";
import { folder } from "./support.mjs";

const require = createRequire(import.meta.url);
const text = readFileSync(new URL("../../leadkit-node/index.d.ts", import.meta.url), "utf8");
const types = ts.createSourceFile("index.d.ts", text, ts.ScriptTarget.Latest, true);

/** @param {string} path */
const core = (path) => readFileSync(new URL(`../../leadkit-core/src/${path}`, import.meta.url), "utf8");

/** Names of values that index.d.ts exports. */
function declared() {
  const names = [];
  for (const statement of types.statements) {
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) names.push(statement.name?.text);
    if (ts.isModuleDeclaration(statement)) names.push(statement.name.text);
  }
  return names;
}

/**
 * The members of an interface or class.
 * @param {string} name
 */
function members(name) {
  /** @type {string[]} */
  const names = [];
  ts.forEachChild(types, function visit(node) {
    if ((ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) && node.name?.text === name) {
      for (const member of node.members) if (member.name && ts.isIdentifier(member.name)) names.push(member.name.text);
    }
    ts.forEachChild(node, visit);
  });
  assert.ok(names.length > 0, name);
  return names.sort();
}

/**
 * The words of a union type.
 * @param {string} name
 */
function words(name) {
  const alias = types.statements.find((s) => ts.isTypeAliasDeclaration(s) && s.name.text === name);
  return [...(alias?.getText() ?? "").matchAll(/"(\w+)"/g)].map((match) => match[1]);
}

/** @param {object} value */
function methods(value) {
  const own = Object.getPrototypeOf(value);
  const base = Object.getPrototypeOf(own);
  // What a base that nobody can import has is the class's own.
  const hidden = base !== null && base !== Object.prototype && !Object.values(esm).includes(base.constructor);
  const names = [own, ...(hidden ? [base] : [])].flatMap((each) => Object.getOwnPropertyNames(each));
  return names.filter((name) => name !== "constructor");
}

test("import and require give the same", () => {
  const cjs = require("leadkit");
  assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
  for (const [name, value] of Object.entries(cjs)) assert.equal(value, /** @type {any} */ (esm)[name], name);
});

test("index.d.ts declares what there is", () => {
  assert.deepEqual(declared().sort(), Object.keys(esm).sort());
  assert.deepEqual(Object.keys(testing).sort(), ["FakeTwilio", "messyCsv", "open"]);
});

test("rooms and results have the members that are declared", async () => {
  const db = await testing.open(":memory:", { now: new Date(0), seed: 1 });
  const lead = await db.leads.add({ email: "ada@lovelace.org" });
  const [change] = await db.leads.history(lead.id);
  const field = await db.fields.define({ key: "plan", label: "Plan", kind: "text" });
  const source = Buffer.from("email,phone\nb@lovelace.org,12\n");
  /** @type {import("leadkit").Progress[]} */
  const progress = [];
  const report = await db.importLeads(source, { rejects: false, onProgress: (p) => void progress.push(p) });
  const preview = await db.previewImport(source);
  const table = await esm.readTable(source);
  const page = await db.operations.list();
  const email = esm.normalizeEmail("x");
  const plan = await db.bulk.planUpdate({ id: { in: [1, 2] } }, { set: { notes: { template: "At {{ lead.phone }}" }, source: "x" } });
  const warned = await db.bulk.planUpdate({ id: { in: [1, 2] } }, { set: { city: "x" } });
  const done = await db.bulk.run(plan);
  const conflicts = await db.operations.conflicts(done.id);
  await db.templates.save("hello", "Hi “there”");
  const rendered = await db.templates.render("hello");
  const reachable = await db.leads.add({ email: "c@lovelace.org", phone: "+1 212 736 5000" });
  const messages = await db.comms.planSms({ id: reachable.id }, { body: "Hi", purpose: "informational" });
  const call = await db.comms.queueCall(reachable.id, { agent: "+12127365099" });
  const explained = await db.leads.explain(lead.id);
  const dir = folder();
  /** @type {[string, object][]} */
  const shapes = [
    ["Lead", lead],
    ["LeadChange", change ?? {}],
    ["CustomFieldDefinition", field],
    ["Operation", page.items[0] ?? {}],
    ["Plan", plan],
    ["PlannedChange", warned.sample[0] ?? {}],
    ["PlanWarning", plan.warnings[0] ?? {}],
    ["Conflict", conflicts.items[0] ?? {}],
    ["StatusDefinition", (await db.statuses.list())[0] ?? {}],
    ["Health", await db.health()],
    ["BackupReport", await db.backup(join(dir, "backup.db"))],
    ["CopyReport", await db.copyTo(join(dir, "copy.db"))],
    ["ImportPreview", preview],
    ["ColumnMapping", report.mapping[0] ?? {}],
    ["IssueCount", report.issues[0] ?? {}],
    ["FieldQuality", report.quality.email ?? {}],
    ["ConsentCounts", report.consent],
    ["Timing", report.timing],
    ["TableFormat", report.format],
    ["Progress", progress[0] ?? {}],
    ["PhoneResult", esm.normalizePhone("1")],
    ["EmailResult", email],
    ["CompanyResult", esm.normalizeCompany("x")],
    ["PersonResult", esm.normalizePerson("x")],
    ["Occurrence", esm.nextOccurrences({ zone: "UTC", at: "2026-03-02T09:00" })[0] ?? {}],
    ["DueOccurrences", esm.dueOccurrences({ zone: "UTC", at: "2026-03-02T09:00" }, new Date(0), new Date(1))],
    ["Segments", esm.smsSegments("x")],
    ["NonGsm", esm.smsSegments("’").nonGsm[0] ?? {}],
    ["Issue", email.issues[0] ?? {}],
    ["Decision", new esm.LegalHours().decide(new Date(0))],
    ["Settings", await db.settings.get()],
    ["FieldExplanation", explained.fields[0] ?? {}],
    ["ValueOrigin", explained.fields[0]?.origin ?? {}],
    ["ContactSummary", explained.contacts],
    ["ContactPermission", explained.permissions[0] ?? {}],
    ["RenderedTemplate", rendered],
    ["TemplateWarning", rendered.warnings[0] ?? {}],
    ["MessagePlan", messages.messages ?? {}],
    ["PlannedMessage", messages.messages?.sample[0] ?? {}],
    ["Communication", call],
    ["CallDetails", call.call ?? {}],
    ["CostReport", await db.comms.costs()],
    ["ContactStats", await db.comms.stats()],
    ["ContactFigures", (await db.comms.stats()).total],
    ["Comparison", await db.comms.compare()],
    ["Funnel", await db.comms.funnel()],
    ["FunnelStep", (await db.comms.funnel()).steps[0] ?? {}],
    ["Cohorts", await db.comms.cohorts()],
    ["StatsCheck", await db.comms.checkStats()],
    ["DispatchReport", await db.comms.dispatch(new testing.FakeTwilio(db).twilio())],
    ["ReconcileReport", await db.comms.reconcile(new testing.FakeTwilio(db).twilio())],
    ["Capabilities", new testing.FakeTwilio(db).twilio().capabilities()],
    ["WebhookRequest", new testing.FakeTwilio(db).inbound("+493023125014", "+15005550006", "Hi", "https://x.example/")],
  ];
  for (const [name, value] of shapes) assert.deepEqual(Object.keys(value).sort(), members(name), name);
  for (const [name, value] of /** @type {[string, object][]} */ ([
    ["Leads", db.leads],
    ["Fields", db.fields],
    ["Operations", db.operations],
    ["Bulk", db.bulk],
    ["Statuses", db.statuses],
    ["ImportReport", report],
    ["LeadExplanation", explained],
    ["StatsReport", await db.comms.statsReport()],
    ["Table", table],
    ["Page", page],
    ["TestingDatabase", db],
    ["Comms", db.comms],
    ["Consent", db.consent],
    ["SettingsRoom", db.settings],
    ["Templates", db.templates],
    ["Audit", db.audit],
    ["Automations", db.automations],
    ["AutomationBuilder", esm.automation({ on: "lead_created" })],
    ["Schedules", db.schedules],
    ["Privacy", db.privacy],
    ["Twilio", new testing.FakeTwilio(db).twilio()],
    ["FakeTwilio", new testing.FakeTwilio(db)],
    ["LegalHours", new esm.LegalHours()],
    ["Database", await open(":memory:")],
  ])) {
    assert.deepEqual([...Object.keys(value), ...methods(value)].sort(), members(name).concat(
      name === "TestingDatabase" ? Object.keys(value) : [],
    ).sort(), name);
  }
  const error = await db.leads.get(/** @type {any} */ ("x")).catch((error) => error);
  assert.deepEqual([...Object.keys(error), "cause"].sort(), members("LeadkitError"));
  assert.ok(error instanceof LeadkitError && error instanceof Error);
  assert.equal(error.name, "LeadkitError");
  assert.match(error.stack ?? "", /contract\.test\.mjs/);
});

test("options are those of the core", () => {
  /** @type {[string, string, string][]} */
  const pairs = [
    ["OpenOptions", "model/options.rs", "OpenOptions"],
    ["ImportOptions", "model/options.rs", "ImportOptions"],
    ["ImportConsent", "model/consent.rs", "ImportConsent"],
    ["ExportOptions", "model/options.rs", "ExportOptions"],
    ["FindOptions", "model/options.rs", "FindOptions"],
    ["ColumnRule", "model/options.rs", "ColumnRule"],
    ["ListOptions", "database/operations.rs", "ListOptions"],
    ["FormatOptions", "model/format.rs", "FormatOptions"],
    ["PlanOptions", "model/bulk.rs", "PlanOptions"],
    ["RunOptions", "model/bulk.rs", "RunOptions"],
    ["UndoOptions", "model/bulk.rs", "UndoOptions"],
    ["ConflictOptions", "database/operations.rs", "ConflictOptions"],
    ["HealthOptions", "database/care.rs", "HealthOptions"],
    ["CopyOptions", "database/care.rs", "CopyOptions"],
    ["SmsOptions", "model/communication.rs", "SmsOptions"],
    ["SmsPlanOptions", "model/communication.rs", "SmsPlanOptions"],
    ["CallOptions", "model/calls.rs", "CallOptions"],
    ["CostOptions", "model/cost.rs", "CostOptions"],
    ["SettingsChange", "model/settings.rs", "SettingsChange"],
    ["Budget", "model/cost.rs", "Budget"],
    ["PriceTable", "model/cost.rs", "PriceTable"],
    ["AccessProfile", "model/access.rs", "AccessProfile"],
    ["ExplainOptions", "model/explanation.rs", "ExplainOptions"],
  ];
  for (const [name, path, struct] of pairs) {
    const body = core(path).split(`pub struct ${struct} {`)[1]?.split("\n}")[0] ?? "";
    const kept = body.replace(/#\[serde\(skip\)\]\s+pub \w+/g, "");
    const fields = [...kept.matchAll(/^    pub (\w+):/gm)].map((match) => camel(match[1] ?? ""));
    assert.deepEqual(members(name), fields.sort(), name);
  }
});

/** @param {string} name */
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

test("codes and fields are those of the core", () => {
  const error = core("error.rs");
  const codes = [...error.matchAll(/^    \w+ = "(\w+)", \w+;/gm)].map((match) => match[1]);
  const kinds = [...error.matchAll(/ErrorKind::\w+ => "(\w+)"/g)].map((match) => match[1]);
  assert.deepEqual(words("ErrorCode"), codes);
  assert.deepEqual(words("ErrorKind"), kinds);
  const issues = [...core("model/issue.rs").matchAll(/^    \w+, "(\w+)", \w+, /gm)].map((match) => match[1]);
  assert.deepEqual(words("IssueCode"), issues);
  const fields = [...core("model/field.rs").matchAll(/^    \w+, "(\w+)", "[^"]+", \w+;/gm)].map((match) => match[1]);
  assert.deepEqual(words("StandardField"), fields);
});
