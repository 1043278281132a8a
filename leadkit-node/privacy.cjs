// The room of privacy: a person's data handed out, erased, kept no longer than it is needed.
"use strict";

const { Page, Shown, ask, handleOf, methodsOf, run } = require("./calls.cjs");
const { Twilio } = require("./twilio.cjs");

class PersonExport extends Shown {}

class ErasureCertificate extends Shown {}

class Privacy {
  #native;

  constructor(db) {
    this.#native = db;
  }

  async exportPerson(options) {
    return new PersonExport(await ask((listener) => this.#native.privacyExportPerson(options, listener)));
  }

  async erasePerson(legalBasis, options) {
    return new ErasureCertificate(await this.#erase(legalBasis, options));
  }

  #erase(legalBasis, options) {
    const { transport, ...rest } = options ?? {};
    const given = options === undefined ? options : rest;
    if (transport === undefined) {
      return ask((listener) => this.#native.privacyErasePerson(legalBasis, given, listener));
    }
    const twilio = handleOf(transport, Twilio);
    if (twilio !== undefined) {
      return ask((listener) => this.#native.privacyErasePersonAt(twilio, legalBasis, given, listener));
    }
    const methods = methodsOf(transport);
    return run(
      (call, listener) => this.#native.privacyErasePersonBy(call, methods, legalBasis, given, listener),
      { transport },
    );
  }

  async erasures(options) {
    const [page, documents] = await ask((listener) => this.#native.privacyErasures(options, listener));
    const items = page.items.map((data, index) => new ErasureCertificate([data, documents[index]]));
    return new Page({ ...page, items });
  }

  hold(reason, options) {
    return ask((listener) => this.#native.privacyHold(reason, options, listener));
  }

  release(options) {
    return ask((listener) => this.#native.privacyRelease(options, listener));
  }

  holds() {
    return ask((listener) => this.#native.privacyHolds(listener));
  }

  applyRetention(options) {
    return ask((listener) => this.#native.privacyApplyRetention(options, listener));
  }

  compact() {
    return ask((listener) => this.#native.privacyCompact(listener));
  }
}

module.exports = { ErasureCertificate, PersonExport, Privacy };
