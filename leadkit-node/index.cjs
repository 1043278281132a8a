// The classes of leadkit for Node: promises, errors, streams and signals around the native library.
// What the functions do is documented in index.d.ts; what happens to leads is decided by the core.
"use strict";

const { basename } = require("node:path");
const native = require("./leadkit.node");

/** How many results of an iteration cross at a time. */
const CHUNK = 250;

class LeadkitError extends Error {
  constructor({ message, ...details }, options) {
    super(message, options);
    Object.assign(this, details);
    const name = this.code === "cancelled" ? "AbortError" : "LeadkitError";
    Object.defineProperty(this, "name", { value: name, configurable: true, writable: true });
  }
}

function invalid(message, field) {
  const none = { hint: null, path: null, row: null, field: field ?? null, value: null };
  return new LeadkitError({
    message,
    code: "invalid_argument",
    kind: "invalid_input",
    ...none,
    retryable: false,
  });
}

// --- Calls -----------------------------------------------------------------------------------

/** The value of a native answer, `[error, value]`. */
function take([error, value], signal) {
  if (error === null) return value;
  const aborted = error.code === "cancelled" && signal?.aborted;
  throw new LeadkitError(error, aborted ? { cause: signal.reason } : undefined);
}

/** A short call: `begin(listener)` starts it and says at once what is wrong with its arguments. */
async function ask(begin) {
  const answer = await new Promise((resolve) => {
    const begun = begin(([, done]) => resolve(done));
    if (begun[0] !== null) resolve(begun);
  });
  // Thrown from here, the error's stack names the caller's own lines.
  return take(answer);
}

/** A long call: with progress, a signal, and perhaps a stream that is read as it goes. */
async function run(begin, { onProgress, signal, stream } = {}) {
  const call = new native.Call();
  const abort = () => call.cancel();
  let failure = null;
  const fail = (reason) => {
    failure ??= { reason };
    call.cancel();
  };
  let over = false;
  // An async callback that fails when all is over is not swallowed: it stays an unhandled rejection.
  const late = (reason) => {
    if (over && failure === null) throw reason;
    fail(reason);
  };
  const chunks = stream?.[Symbol.asyncIterator]();
  let exhausted = false;
  const pull = async () => {
    try {
      const { done, value } = await chunks.next();
      exhausted = Boolean(done);
      if (done) call.end();
      else call.push(chunk(value));
    } catch (reason) {
      failure ??= { reason };
      call.fail();
    }
  };
  const progress = (event) => {
    try {
      const result = onProgress(event);
      if (typeof result?.then === "function") result.then(undefined, late);
    } catch (reason) {
      fail(reason);
    }
  };

  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  try {
    const answer = await new Promise((resolve) => {
      const begun = begin(call, ([event, value]) => {
        if (event === "done") resolve(value);
        else if (event === "pull") pull();
        else progress(value);
      });
      if (begun[0] !== null) resolve(begun);
    });
    const aborted = signal?.aborted && answer[0]?.code === "cancelled";
    if (failure !== null && !aborted) throw failure.reason;
    return take(answer, signal);
  } finally {
    over = true;
    signal?.removeEventListener("abort", abort);
    if (chunks !== undefined && !exhausted) leave(stream, chunks);
  }
}

/** Lets go of a stream that was not read to its end. */
function leave(stream, chunks) {
  try {
    if (typeof stream.destroy === "function") stream.destroy();
    else chunks.return?.()?.then?.(undefined, () => {});
  } catch {
    // The stream's end is no longer ours.
  }
}

/** Takes `onProgress` and `signal` out of an options object; the rest is the core's. */
function split(options) {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return { rest: options, glue: {} };
  }
  const { onProgress, signal, ...rest } = options;
  if (onProgress != null && typeof onProgress !== "function") {
    throw invalid("onProgress is a function", "onProgress");
  }
  if (signal != null && typeof signal.addEventListener !== "function") {
    throw invalid("signal is an AbortSignal", "signal");
  }
  return { rest, glue: { onProgress: onProgress ?? undefined, signal: signal ?? undefined } };
}

/** A long call without a source; `begin(call, rest, progress, listener)` starts it. */
async function watched(options, begin) {
  const { rest, glue } = split(options);
  const progress = glue.onProgress !== undefined;
  return run((call, listener) => begin(call, rest, progress, listener), glue);
}

/** What a `source` is: a path, bytes, or a stream (then `data` is null). */
function sourceOf(source) {
  const data = bytes(source);
  if (data !== undefined) return { data, name: null };
  if (typeof source === "object" && typeof source?.[Symbol.asyncIterator] === "function") {
    const { path } = source;
    const name = typeof path === "string" || Buffer.isBuffer(path) ? basename(String(path)) : null;
    return { data: null, name, stream: source };
  }
  return { data: source ?? undefined, name: null };
}

/** A view of bytes, without a copy; undefined for anything else. */
function bytes(value) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const tag = Object.prototype.toString.call(value);
  return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]"
    ? new Uint8Array(value)
    : undefined;
}

function chunk(value) {
  const data = typeof value === "string" ? Buffer.from(value, "utf8") : bytes(value);
  if (data === undefined) throw invalid("a stream of a file gives chunks of bytes or text", "source");
  return data;
}

/** Results that a native reader gives some at a time. */
async function* several(reader) {
  for (;;) {
    const items = await ask((listener) => reader.next(CHUNK, listener));
    if (items.length === 0) return;
    yield* items;
  }
}

// --- Results ---------------------------------------------------------------------------------

class Page {
  constructor({ items, nextCursor }) {
    this.items = items;
    this.nextCursor = nextCursor;
  }

  [Symbol.iterator]() {
    return this.items[Symbol.iterator]();
  }
}

class ImportReport {
  #native;

  constructor(data, report) {
    Object.assign(this, data);
    this.#native = report;
  }

  saveHtml(path) {
    return ask((listener) => this.#native.saveHtml(path, listener));
  }

  toJson() {
    return take(this.#native.toJson());
  }
}

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

class Comms {
  #native;

  constructor(db) {
    this.#native = db;
  }

  queueSms(lead, options) {
    return ask((listener) => this.#native.commsQueueSms(lead, options, listener));
  }

  cancel(id) {
    return ask((listener) => this.#native.commsCancel(id, listener));
  }

  get(id) {
    return ask((listener) => this.#native.commsGet(id, listener));
  }

  async list(options) {
    return new Page(await ask((listener) => this.#native.commsList(options, listener)));
  }

  events(id) {
    return ask((listener) => this.#native.commsEvents(id, listener));
  }
}

class Consent {
  #native;

  constructor(db) {
    this.#native = db;
  }

  record(kind, source, options) {
    return ask((listener) => this.#native.consentRecord(kind, source, options, listener));
  }

  status(options) {
    return ask((listener) => this.#native.consentStatus(options, listener));
  }

  async history(options) {
    return new Page(await ask((listener) => this.#native.consentHistory(options, listener)));
  }
}

class SettingsRoom {
  #native;

  constructor(db) {
    this.#native = db;
  }

  get() {
    return ask((listener) => this.#native.settingsGet(listener));
  }

  set(options) {
    return ask((listener) => this.#native.settingsSet(options, listener));
  }
}

class Templates {
  #native;

  constructor(db) {
    this.#native = db;
  }

  save(name, body, options) {
    return ask((listener) => this.#native.templatesSave(name, body, options, listener));
  }

  get(name, options) {
    return ask((listener) => this.#native.templatesGet(name, options, listener));
  }

  list() {
    return ask((listener) => this.#native.templatesList(listener));
  }

  render(name, options) {
    return ask((listener) => this.#native.templatesRender(name, options, listener));
  }

  archive(name) {
    return ask((listener) => this.#native.templatesArchive(name, listener));
  }
}

class Database {
  #native;

  constructor(db) {
    this.#native = db;
    this.path = db.path();
    this.leads = new Leads(db);
    this.fields = new Fields(db);
    this.statuses = new Statuses(db);
    this.bulk = new Bulk(db);
    this.comms = new Comms(db);
    this.consent = new Consent(db);
    this.settings = new SettingsRoom(db);
    this.templates = new Templates(db);
    this.operations = new Operations(db);
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
  ImportReport,
  LeadkitError,
  Page,
  Table,
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
  testing,
};
