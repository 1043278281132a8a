// How calls cross to the native library: errors, promises, progress, signals, streams, and objects whose
// methods it asks for.
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

class Page {
  constructor({ items, nextCursor }) {
    this.items = items;
    this.nextCursor = nextCursor;
  }

  [Symbol.iterator]() {
    return this.items[Symbol.iterator]();
  }
}

/** Data that the core can show as a page. */
class Shown {
  #native;

  constructor([data, document]) {
    Object.assign(this, data);
    this.#native = document;
  }

  toJson() {
    return take(this.#native.toJson());
  }

  toHtml() {
    return take(this.#native.toHtml());
  }

  saveHtml(path) {
    return ask((listener) => this.#native.saveHtml(path, listener));
  }
}

module.exports = {
  CHUNK,
  LeadkitError,
  Page,
  Shown,
  ask,
  handleOf,
  handles,
  invalid,
  methodsOf,
  run,
  several,
  sourceOf,
  split,
  take,
  watched,
};
