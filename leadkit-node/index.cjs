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

/** A long call: with progress, a signal, and perhaps a stream or a transport that is used as it goes. */
async function run(begin, { onProgress, signal, stream, transport } = {}) {
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
        else if (event === "ask") tell(call, transport, value);
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

/** Calls a method of a transport, and tells the native call that waits what came of it. Never throws. */
async function tell(call, transport, [number, method, args]) {
  try {
    call.gave(number, await transport[method](...args));
  } catch (reason) {
    call.threw(number, ...thrown(reason));
  }
}

/** The class of what was thrown, and an error's code where it is ours; its text may hold a secret. */
function thrown(reason) {
  try {
    const name = reason?.constructor?.name;
    const text = typeof name === "string" && name !== "" ? name : typeof reason;
    return [text, reason instanceof LeadkitError ? String(reason.code) : null];
  } catch {
    return ["object", null];
  }
}

/** The native halves of objects that are given back as arguments. */
const handles = new WeakMap();

/** The native half of a class's very own instance; what extends it may behave otherwise. */
function handleOf(object, type) {
  const own = typeof object === "object" && object !== null && Object.getPrototypeOf(object) === type.prototype;
  return own ? handles.get(object) : undefined;
}

/** The methods that a transport of the caller's has. */
function methodsOf(transport) {
  return take(native.transportMethods()).filter((name) => typeof transport?.[name] === "function");
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

  async dispatch(transport, options) {
    const { rest, glue } = split(options);
    // Nothing reports how far it is: then the option is none of its.
    const { onProgress, signal } = glue;
    const given = onProgress === undefined ? rest : { ...rest, onProgress };
    const twilio = handleOf(transport, Twilio);
    if (twilio !== undefined) {
      return run((call, listener) => this.#native.commsDispatch(call, twilio, given, listener), { signal });
    }
    const methods = methodsOf(transport);
    return run((call, listener) => this.#native.commsDispatchBy(call, methods, given, listener), {
      signal,
      transport,
    });
  }

  async reconcile(transport) {
    const twilio = handleOf(transport, Twilio);
    if (twilio !== undefined) return ask((listener) => this.#native.commsReconcile(twilio, listener));
    const methods = methodsOf(transport);
    return run((call, listener) => this.#native.commsReconcileBy(call, methods, listener), { transport });
  }

  async receive(twilio, request) {
    const handle = handleOf(twilio, Twilio);
    if (handle === undefined) throw invalid("`twilio` is a Twilio", "twilio");
    return ask((listener) => this.#native.commsReceive(handle, request, listener));
  }

  receiveEvent(event, token) {
    return ask((listener) => this.#native.commsReceiveEvent(event, token, listener));
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

// --- Twilio and legal hours ------------------------------------------------------------------

class Twilio {
  #native;

  constructor(options) {
    this.#native = options instanceof native.TwilioHandle ? options : take(native.twilio(options));
    handles.set(this, this.#native);
    this.accountSid = this.#native.accountSid();
    this.publicUrl = this.#native.publicUrl();
    // A dispatch goes by the native half: nothing may be put over its methods but in a class of one's own.
    if (new.target === Twilio) Object.freeze(this);
  }

  capabilities() {
    return take(this.#native.capabilities());
  }

  sendSms(request) {
    return ask((listener) => this.#native.sendSms(request, listener));
  }

  sendMany(requests) {
    return ask((listener) => this.#native.sendMany(requests, listener));
  }

  startCall(request) {
    return ask((listener) => this.#native.startCall(request, listener));
  }

  fetchMessage(sid) {
    return ask((listener) => this.#native.fetchMessage(sid, listener));
  }

  fetchCall(sid) {
    return ask((listener) => this.#native.fetchCall(sid, listener));
  }

  async listMessages(query) {
    return new Page(await ask((listener) => this.#native.listMessages(query, listener)));
  }

  cancel(sid) {
    return ask((listener) => this.#native.cancel(sid, listener));
  }

  hangUp(sid) {
    return ask((listener) => this.#native.hangUp(sid, listener));
  }

  redactMessage(sid) {
    return ask((listener) => this.#native.redactMessage(sid, listener));
  }

  async deleteMessage(sid) {
    await ask((listener) => this.#native.deleteMessage(sid, listener));
  }

  async deleteCall(sid) {
    await ask((listener) => this.#native.deleteCall(sid, listener));
  }
}

class LegalHours {
  #native;

  constructor(table) {
    this.#native = take(native.legalHours(table));
  }

  decide(at, contact) {
    return take(this.#native.decide(at, contact));
  }

  table() {
    return take(this.#native.table());
  }
}

function classifyReply(text) {
  return take(native.classifyReply(text));
}

function verifyTwilioRequest(secret, request) {
  return take(native.verifyTwilioRequest(secret, request));
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

class FakeTwilio {
  #native;

  constructor(db, options) {
    const handle = handles.get(db ?? {});
    if (db != null && !(db instanceof Database)) throw invalid("`db` is a Database", "db");
    this.#native = take(native.fakeTwilio(handle, options));
    this.url = this.#native.url();
    this.accountSid = this.#native.accountSid();
    this.number = this.#native.number();
    this.service = this.#native.service();
  }

  get authToken() {
    return this.#native.authToken();
  }

  get now() {
    return take(this.#native.now());
  }

  advance(seconds) {
    take(this.#native.advance(seconds));
  }

  config() {
    return take(this.#native.config());
  }

  twilio() {
    return new Twilio(take(this.#native.twilio()));
  }

  fault(fault) {
    take(this.#native.fault(fault));
  }

  faultOnceIn(requests, fault) {
    take(this.#native.faultOnceIn(requests, fault));
  }

  fate(to, fate) {
    take(this.#native.fate(to, fate));
  }

  shuffleCallbacks(on) {
    take(this.#native.shuffleCallbacks(on));
  }

  repeatCallbacks(times) {
    take(this.#native.repeatCallbacks(times));
  }

  inbound(sender, to, body, url) {
    return take(this.#native.inbound(sender, to, body, url));
  }

  inboundCall(sender, to, url) {
    return take(this.#native.inboundCall(sender, to, url));
  }

  callbacks() {
    return take(this.#native.callbacks());
  }

  nextCallback() {
    return take(this.#native.nextCallback());
  }

  deliver() {
    return ask((listener) => this.#native.deliver(listener));
  }

  deliverByItself() {
    this.#native.deliverByItself();
  }

  accepted(to, body) {
    return take(this.#native.accepted(to, body));
  }

  acceptedAll() {
    return take(this.#native.acceptedAll());
  }

  messages() {
    return take(this.#native.messages());
  }

  status(sid) {
    return take(this.#native.status(sid));
  }

  requests() {
    return take(this.#native.requests());
  }

  forgetRequests() {
    this.#native.forgetRequests();
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
  ImportReport,
  LeadkitError,
  LegalHours,
  Page,
  Table,
  Twilio,
  classifyReply,
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
  verifyTwilioRequest,
};
