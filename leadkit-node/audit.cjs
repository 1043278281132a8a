// The room of the audit.
// What the methods do is documented in index.d.ts; what happens to leads is decided by the core.
"use strict";

const { Page, ask } = require("./calls.cjs");

class Audit {
  #native;

  constructor(db) {
    this.#native = db;
  }

  async entries(options) {
    return new Page(await ask((listener) => this.#native.auditEntries(options, listener)));
  }

  verify(options) {
    return ask((listener) => this.#native.auditVerify(options, listener));
  }

  checkpoint() {
    return ask((listener) => this.#native.auditCheckpoint(listener));
  }
}

module.exports = { Audit };
