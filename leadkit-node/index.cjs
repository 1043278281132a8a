// The classes of leadkit for Node, around the native library.
// What the functions do is documented in index.d.ts; what happens to leads is decided by the core.
"use strict";

const {
  CHUNK,
  LeadkitError,
  Page,
  Shown,
  ask,
  handles,
  run,
  several,
  sourceOf,
  split,
  take,
  watched,
} = require("./calls.cjs");
const { Audit } = require("./audit.cjs");
const { Automations, Schedules, tick } = require("./automations.cjs");
const { automation, steps } = require("./builder.cjs");
const { Comms, Consent, ImportReport, SettingsRoom, StatsReport, Templates } = require("./comms.cjs");
const native = require("./leadkit.node");
const { ErasureCertificate, PersonExport, Privacy } = require("./privacy.cjs");
const { FakeTwilio, LegalHours, Twilio, classifyReply, verifyTwilioRequest } = require("./twilio.cjs");

// --- Results ---------------------------------------------------------------------------------

class LeadExplanation extends Shown {}

class Table {
  #rows;

  constructor({ header, format }, rows) {
    this.header = header;
    this.format = format;
    this.issues = [];
    this.#rows = rows;
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      const { rows, issues } = await ask((listener) => this.#rows.next(CHUNK, listener));
      this.issues.push(...issues);
      if (rows.length === 0) return;
      yield* rows;
    }
  }
}

// --- The database and its rooms --------------------------------------------------------------

class Leads {
  #native;

  constructor(db) {
    this.#native = db;
  }

  add(values) {
    return ask((listener) => this.#native.leadsAdd(values, listener));
  }

  get(id) {
    return ask((listener) => this.#native.leadsGet(id, listener));
  }

  first(filter, options) {
    return ask((listener) => this.#native.leadsFirst(filter, options, listener));
  }

  async find(filter, options) {
    return new Page(await ask((listener) => this.#native.leadsFind(filter, options, listener)));
  }

  async *iterate(filter, options) {
    yield* several(await ask((listener) => this.#native.leadsIterate(filter, options, listener)));
  }

  count(filter) {
    return ask((listener) => this.#native.leadsCount(filter, listener));
  }

  update(id, values) {
    return ask((listener) => this.#native.leadsUpdate(id, values, listener));
  }

  restore(id) {
    return ask((listener) => this.#native.leadsRestore(id, listener));
  }

  async explain(id, options) {
    return new LeadExplanation(await ask((listener) => this.#native.leadsExplain(id, options, listener)));
  }

  history(id) {
    return ask((listener) => this.#native.leadsHistory(id, listener));
  }
}

class Fields {
  #native;

  constructor(db) {
    this.#native = db;
  }

  define(field) {
    return ask((listener) => this.#native.fieldsDefine(field, listener));
  }

  list() {
    return ask((listener) => this.#native.fieldsList(listener));
  }

  archive(key) {
    return ask((listener) => this.#native.fieldsArchive(key, listener));
  }
}

class Operations {
  #native;

  constructor(db) {
    this.#native = db;
  }

  async list(options) {
    return new Page(await ask((listener) => this.#native.operationsList(options, listener)));
  }

  get(id) {
    return ask((listener) => this.#native.operationsGet(id, listener));
  }

  undo(operation, options) {
    return watched(options, (call, rest, progress, listener) =>
      this.#native.operationsUndo(call, operation, rest, progress, listener),
    );
  }

  resume(id, options) {
    return watched(options, (call, rest, progress, listener) =>
      this.#native.operationsResume(call, id, rest, progress, listener),
    );
  }

  cancel(id) {
    return ask((listener) => this.#native.operationsCancel(id, listener));
  }

  async conflicts(id, options) {
    return new Page(await ask((listener) => this.#native.operationsConflicts(id, options, listener)));
  }

  prune(olderThanDays) {
    return ask((listener) => this.#native.operationsPrune(olderThanDays, listener));
  }
}

class Bulk {
  #native;

  constructor(db) {
    this.#native = db;
  }

  planUpdate(filter, options) {
    return ask((listener) => this.#native.bulkPlanUpdate(filter, options, listener));
  }

  planDelete(filter, options) {
    return ask((listener) => this.#native.bulkPlanDelete(filter, options, listener));
  }

  planAssign(filter, to, options) {
    return ask((listener) => this.#native.bulkPlanAssign(filter, to, options, listener));
  }

  planStatus(filter, status, options) {
    return ask((listener) => this.#native.bulkPlanStatus(filter, status, options, listener));
  }

  planMerge(groups, options) {
    return ask((listener) => this.#native.bulkPlanMerge(groups, options, listener));
  }

  planPurge(filter, options) {
    return ask((listener) => this.#native.bulkPlanPurge(filter, options, listener));
  }

  planUndo(operation, options) {
    return ask((listener) => this.#native.bulkPlanUndo(operation, options, listener));
  }

  planOf(token) {
    return ask((listener) => this.#native.bulkPlanOf(token, listener));
  }

  run(plan, options) {
    return watched(options, (call, rest, progress, listener) =>
      this.#native.bulkRun(call, plan, rest, progress, listener),
    );
  }
}

class Statuses {
  #native;

  constructor(db) {
    this.#native = db;
  }

  list() {
    return ask((listener) => this.#native.statusesList(listener));
  }

  define(statuses) {
    return ask((listener) => this.#native.statusesDefine(statuses, listener));
  }
}

class Database {
  #native;

  constructor(db) {
    this.#native = db;
    handles.set(this, db);
    this.path = db.path();
    this.leads = new Leads(db);
    this.fields = new Fields(db);
    this.statuses = new Statuses(db);
    this.bulk = new Bulk(db);
    this.comms = new Comms(db);
    this.consent = new Consent(db);
    this.settings = new SettingsRoom(db);
    this.templates = new Templates(db);
    this.audit = new Audit(db);
    this.automations = new Automations(db);
    this.schedules = new Schedules(db);
    this.operations = new Operations(db);
    this.privacy = new Privacy(db);
  }

  asActor(id, options) {
    return new this.constructor(take(this.#native.asActor(id, options)));
  }

  async importLeads(source, options) {
    const { rest, glue } = split(options);
    const { data, name, stream } = sourceOf(source);
    const [report, handle] = await run(
      (call, listener) =>
        this.#native.importLeads(call, data, name, rest, glue.onProgress !== undefined, listener),
      { ...glue, stream },
    );
    return new ImportReport(report, handle);
  }

  async previewImport(source, options) {
    const { rest, glue } = split(options);
    const { data, name, stream } = sourceOf(source);
    const [preview, handle] = await run(
      (call, listener) =>
        this.#native.previewImport(call, data, name, rest, glue.onProgress !== undefined, listener),
      { ...glue, stream },
    );
    return { ...preview, report: new ImportReport(preview.report, handle) };
  }

  exportLeads(target, options) {
    return watched(options, (call, rest, progress, listener) =>
      this.#native.exportLeads(call, target, rest, progress, listener),
    );
  }

  tick(transport, options) {
    return tick(this.#native, transport, options);
  }

  health(options) {
    return ask((listener) => this.#native.health(options, listener));
  }

  backup(path) {
    return ask((listener) => this.#native.backup(path, listener));
  }

  copyTo(url, options) {
    return watched(options, (call, rest, progress, listener) =>
      this.#native.copyTo(call, url, rest, progress, listener),
    );
  }

  close() {
    return ask((listener) => this.#native.close(listener));
  }
}

// Node 18.18 and later have the symbol; `await using` closes the database.
if (Symbol.asyncDispose !== undefined) {
  Object.defineProperty(Database.prototype, Symbol.asyncDispose, {
    value() {
      return this.close();
    },
    configurable: true,
    writable: true,
  });
}

async function open(url = "leads.db", options = undefined) {
  return new Database(await ask((listener) => native.open(url, options, listener)));
}

// --- Tables and values -----------------------------------------------------------------------

async function sniff(source, format) {
  const { data, name, stream } = sourceOf(source);
  return run((call, listener) => native.sniff(call, data, name, format, listener), { stream });
}

async function readTable(source, format) {
  const { data, name, stream } = sourceOf(source);
  const [head, rows] = await run(
    (call, listener) => native.readTable(call, data, name, format, listener),
    { stream },
  );
  return new Table(head, rows);
}

function normalizePhone(text, defaultCountry) {
  return take(native.normalizePhone(text, defaultCountry));
}

function normalizeEmail(text) {
  return take(native.normalizeEmail(text));
}

function normalizeCompany(text, country) {
  return take(native.normalizeCompany(text, country));
}

function normalizePerson(text) {
  return take(native.normalizePerson(text));
}

function normalizeCountry(text) {
  return take(native.normalizeCountry(text));
}

function phoneTimeZones(e164) {
  return take(native.phoneTimeZones(e164));
}

function nextOccurrences(schedule, options) {
  return take(native.nextOccurrences(schedule, options));
}

function dueOccurrences(schedule, after, now, zone) {
  return take(native.dueOccurrences(schedule, after, now, zone));
}

function smsSegments(text, smartEncoding) {
  return take(native.smsSegments(text, smartEncoding));
}

// --- Tests of hosts --------------------------------------------------------------------------

class TestingDatabase extends Database {
  #native;

  constructor(db) {
    super(db);
    this.#native = db;
  }

  advance(seconds) {
    take(this.#native.advance(seconds));
  }
}

const testing = Object.freeze({
  FakeTwilio,

  messyCsv(rows, options) {
    return take(native.messyCsv(rows, options?.seed));
  },

  async open(url, given) {
    const { now, seed, ...options } = given ?? {};
    return new TestingDatabase(
      await ask((listener) => native.testingOpen(url, now, seed, options, listener)),
    );
  },
});

module.exports = {
  Database,
  ErasureCertificate,
  ImportReport,
  LeadExplanation,
  LeadkitError,
  LegalHours,
  Page,
  PersonExport,
  StatsReport,
  Table,
  Twilio,
  automation,
  classifyReply,
  dueOccurrences,
  nextOccurrences,
  normalizeCompany,
  normalizeCountry,
  normalizeEmail,
  normalizePerson,
  normalizePhone,
  open,
  phoneTimeZones,
  readTable,
  smsSegments,
  sniff,
  steps,
  testing,
  verifyTwilioRequest,
};
