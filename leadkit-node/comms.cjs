// The rooms of messages: contacts, consent, switches and templates.
// What the methods do is documented in index.d.ts; what happens to leads is decided by the core.
"use strict";

const {
  Page,
  Shown,
  ask,
  handleOf,
  invalid,
  methodsOf,
  run,
  sourceOf,
  split,
  take,
  watched,
} = require("./calls.cjs");
const { Twilio } = require("./twilio.cjs");

class StatsReport extends Shown {}

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

class Comms {
  #native;

  constructor(db) {
    this.#native = db;
  }

  queueSms(lead, options) {
    return ask((listener) => this.#native.commsQueueSms(lead, options, listener));
  }

  planSms(filter, options) {
    return ask((listener) => this.#native.commsPlanSms(filter, options, listener));
  }

  async sendSms(lead, transport, options) {
    const twilio = handleOf(transport, Twilio);
    if (twilio !== undefined) {
      return ask((listener) => this.#native.commsSendSms(lead, twilio, options, listener));
    }
    const methods = methodsOf(transport);
    return run((call, listener) => this.#native.commsSendSmsBy(call, lead, methods, options, listener), { transport });
  }

  queueCall(lead, options) {
    return ask((listener) => this.#native.commsQueueCall(lead, options, listener));
  }

  log(lead, channel, options) {
    return ask((listener) => this.#native.commsLog(lead, channel, options, listener));
  }

  async timeline(lead, options) {
    return new Page(await ask((listener) => this.#native.commsTimeline(lead, options, listener)));
  }

  export(target, options) {
    return watched(options, (call, rest, progress, listener) =>
      this.#native.commsExport(call, target, rest, progress, listener),
    );
  }

  async importLog(source, options) {
    const { rest, glue } = split(options);
    const { data, name, stream } = sourceOf(source);
    const [report, handle] = await run(
      (call, listener) =>
        this.#native.commsImportLog(call, data, name, rest, glue.onProgress !== undefined, listener),
      { ...glue, stream },
    );
    return new ImportReport(report, handle);
  }

  search(options) {
    return ask((listener) => this.#native.commsSearch(options, listener));
  }

  requeue(id) {
    return ask((listener) => this.#native.commsRequeue(id, listener));
  }

  reschedule(id, sendAt) {
    return ask((listener) => this.#native.commsReschedule(id, sendAt, listener));
  }

  pause(campaign) {
    return ask((listener) => this.#native.commsPause(campaign, listener));
  }

  resume(campaign) {
    return ask((listener) => this.#native.commsResume(campaign, listener));
  }

  drain(seconds) {
    return ask((listener) => this.#native.commsDrain(seconds, listener));
  }

  costs(options) {
    return ask((listener) => this.#native.commsCosts(options, listener));
  }

  stats(options) {
    return ask((listener) => this.#native.commsStats(options, listener));
  }

  compare(options) {
    return ask((listener) => this.#native.commsCompare(options, listener));
  }

  funnel(options) {
    return ask((listener) => this.#native.commsFunnel(options, listener));
  }

  cohorts(options) {
    return ask((listener) => this.#native.commsCohorts(options, listener));
  }

  checkStats(options) {
    return ask((listener) => this.#native.commsCheckStats(options, listener));
  }

  async statsReport(options) {
    return new StatsReport(await ask((listener) => this.#native.commsStatsReport(options, listener)));
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

  exportSuppressions(path) {
    return ask((listener) => this.#native.consentExportSuppressions(path, listener));
  }

  applySuppressions(path) {
    return ask((listener) => this.#native.consentApplySuppressions(path, listener));
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

module.exports = { Comms, Consent, ImportReport, SettingsRoom, StatsReport, Templates };
