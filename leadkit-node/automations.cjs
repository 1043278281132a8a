// The rooms of automations and schedules, and the tick.
// What the methods do is documented in index.d.ts; what happens to leads is decided by the core.
"use strict";

const { specOf } = require("./builder.cjs");
const { Page, ask, handleOf, methodsOf, run, split } = require("./calls.cjs");
const { Twilio } = require("./twilio.cjs");

class Automations {
  #native;

  constructor(db) {
    this.#native = db;
  }

  save(name, spec, options) {
    return ask((listener) => this.#native.automationsSave(name, specOf(spec), options, listener));
  }

  get(name) {
    return ask((listener) => this.#native.automationsGet(name, listener));
  }

  list() {
    return ask((listener) => this.#native.automationsList(listener));
  }

  enable(name) {
    return ask((listener) => this.#native.automationsEnable(name, listener));
  }

  disable(name) {
    return ask((listener) => this.#native.automationsDisable(name, listener));
  }

  async runs(options) {
    return new Page(await ask((listener) => this.#native.automationsRuns(options, listener)));
  }

  cancel(name, lead) {
    return ask((listener) => this.#native.automationsCancel(name, lead, listener));
  }

  rehearse(spec, options) {
    return ask((listener) => this.#native.automationsRehearse(specOf(spec), options, listener));
  }

  picture(name) {
    return ask((listener) => this.#native.automationsPicture(name, listener));
  }

  events(options) {
    return ask((listener) => this.#native.automationsEvents(options, listener));
  }

  acknowledge(upTo) {
    return ask((listener) => this.#native.automationsAcknowledge(upTo, listener));
  }
}

class Schedules {
  #native;

  constructor(db) {
    this.#native = db;
  }

  save(name, schedule) {
    return ask((listener) => this.#native.schedulesSave(name, schedule, listener));
  }

  get(name) {
    return ask((listener) => this.#native.schedulesGet(name, listener));
  }

  list() {
    return ask((listener) => this.#native.schedulesList(listener));
  }

  pause(name) {
    return ask((listener) => this.#native.schedulesPause(name, listener));
  }

  resume(name) {
    return ask((listener) => this.#native.schedulesResume(name, listener));
  }
}

/** Does what is due in a database, with a transport or without. */
async function tick(db, transport, options) {
  const { rest, glue } = split(options);
  // Nothing reports how far it is: then the option is none of its.
  const { onProgress, signal } = glue;
  const given = onProgress === undefined ? rest : { ...rest, onProgress };
  if (transport === undefined || transport === null) {
    return run((call, listener) => db.tick(call, given, listener), { signal });
  }
  const twilio = handleOf(transport, Twilio);
  if (twilio !== undefined) {
    return run((call, listener) => db.tickWith(call, twilio, given, listener), { signal });
  }
  const methods = methodsOf(transport);
  return run((call, listener) => db.tickBy(call, methods, given, listener), { signal, transport });
}

module.exports = { Automations, Schedules, tick };
