// Twilio, legal hours, and a Twilio of one's own for tests.
"use strict";

const { Page, ask, handles, invalid, take } = require("./calls.cjs");
const native = require("./leadkit.node");

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

  async erase(sid) {
    await ask((listener) => this.#native.erase(sid, listener));
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

class FakeTwilio {
  #native;

  constructor(db, options) {
    const handle = db == null ? undefined : handles.get(Object(db));
    if (db != null && !(handle instanceof native.Db)) throw invalid("`db` is a Database", "db");
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

module.exports = { FakeTwilio, LegalHours, Twilio, classifyReply, verifyTwilioRequest };
