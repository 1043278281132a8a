// Sending: the whole loop with a Twilio of one's own, and transports of the host's.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { LeadkitError, LegalHours, Twilio, classifyReply, open, testing, verifyTwilioRequest } from "leadkit";
import { folder, pause } from "./support.mjs";

const NOW = "2026-03-02T09:00:00Z";
const ADA = "+493023125014";
const HOOK = "https://leads.example/twilio?tenant=a";

/** A database that sends, on a Monday morning, and a lead who agreed. */
async function ready() {
  const db = await testing.open(":memory:", { now: NOW, seed: 1 });
  await db.settings.set({ sending: true, publicUrl: HOOK });
  const { id } = await db.leads.add({ email: "ada@lovelace.org", phone: ADA });
  await db.consent.record("grant", "web form", { lead: id, wording: "Yes, text me offers" });
  return { db, lead: id };
}

/**
 * A transport that takes everything, with other methods on top.
 * @param {Partial<import("leadkit").Transport>} more
 * @returns {import("leadkit").Transport}
 */
function paper(more = {}) {
  let number = 0;
  return {
    capabilities: () => ({ provider: "paper", account: "P", sms: true }),
    sendSms: () => ({ outcome: "accepted", sid: `P${++number}`, status: "sent" }),
    ...more,
  };
}

/** @param {Promise<unknown>} promise */
const failure = (promise) => promise.then(() => assert.fail("it did not fail"), (error) => error);

test("queued, handed over, delivered; STOP ends it", async () => {
  const { db, lead } = await ready();
  const fake = new testing.FakeTwilio(db);
  const twilio = fake.twilio();
  const message = await db.comms.queueSms(lead, { body: "Offers!" });
  const report = await db.comms.dispatch(twilio);
  assert.deepEqual([report.sending, report.sent, report.refused], [true, 1, 0]);
  assert.equal(fake.accepted(ADA, "Offers!"), 1);
  assert.equal(fake.messages()[0]?.from, fake.number);
  db.advance(60);
  assert.equal(fake.now.toISOString(), "2026-03-02T09:01:00.000Z");
  const states = [];
  for (const request of fake.callbacks()) {
    assert.ok(verifyTwilioRequest(fake.authToken, request));
    states.push((await db.comms.receive(twilio, request)).messages[0]?.state);
    assert.equal((await db.comms.receive(twilio, request)).repeated, true);
  }
  assert.deepEqual(states, ["accepted", "delivered"]);
  assert.equal((await db.comms.get(message.id)).status, "delivered");

  const stop = fake.inbound(ADA, fake.number, "Stop, please", HOOK);
  const { messages, consent } = await db.comms.receive(twilio, stop);
  assert.deepEqual([messages[0]?.lead, messages[0]?.body, consent[0]?.kind], [lead, "Stop, please", "withdrawal"]);
  const next = await db.comms.queueSms(lead, { body: "More offers!" });
  assert.deepEqual((await db.comms.dispatch(twilio)).refusals, { opted_out: 1 });
  assert.deepEqual((await db.comms.get(next.id)).refusal?.code, "opted_out");
  assert.equal(fake.accepted(ADA, "More offers!"), 0);
});

test("requests as servers have them; a wrong signature is refused", async () => {
  const { db } = await ready();
  const fake = new testing.FakeTwilio(db);
  const twilio = fake.twilio();
  const request = fake.inbound(ADA, fake.number, "Hällo", HOOK);
  const body = Buffer.from(/** @type {Uint8Array} */ (request.body));
  const pairs = /** @type {[string, string][]} */ (Object.entries(request.headers ?? {}));
  const forms = [
    { ...request, body },
    { ...request, body: body.toString("latin1") },
    { ...request, headers: pairs },
    { ...request, headers: { ...Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value])), cookie: undefined, via: ["a", "b"] } },
  ];
  for (const form of forms) assert.equal(verifyTwilioRequest(fake.authToken, form), true);
  const wrong = [
    { ...request, url: "https://leads.example/twilio?tenant=b" },
    { ...request, body: Buffer.concat([body, Buffer.from("&x=1")]) },
    { ...request, headers: {} },
    { ...request, headers: [...pairs, ...pairs] },
  ];
  for (const form of wrong) {
    assert.equal(verifyTwilioRequest(fake.authToken, form), false);
    assert.equal((await failure(db.comms.receive(twilio, form))).code, "permission_denied");
  }
  assert.equal(verifyTwilioRequest("", request), false);
  const other = new testing.FakeTwilio(db, { accountSid: `AC${"1".repeat(32)}` });
  const theirs = other.inbound(ADA, fake.number, "Hi", HOOK);
  assert.match((await failure(db.comms.receive(twilio, theirs))).message, /another account/);
  assert.equal((await failure(db.comms.receive(/** @type {any} */ (paper()), request))).field, "twilio");
  assert.throws(() => verifyTwilioRequest("x", /** @type {any} */ ({ methd: "POST" })), { code: "unknown_option" });
  assert.equal((await db.comms.list()).items.length, 0);
});

test("secrets are shown nowhere", async () => {
  const accountSid = `AC${"0".repeat(32)}`;
  const secrets = { authToken: "t0ken-in-the-clear", apiKey: `SK${"1".repeat(32)}`, apiSecret: "s3cret-in-the-clear" };
  const twilio = new Twilio({ accountSid, ...secrets, publicUrl: "https://leads.example" });
  const shown = [inspect(twilio, { showHidden: true, depth: 9 }), JSON.stringify(twilio), String(twilio)];
  shown.push(JSON.stringify(twilio.capabilities()), inspect(structuredClone({ ...twilio })));
  assert.ok(shown[0]?.includes(accountSid) && shown[0].includes("https://leads.example"));
  /** @type {any[]} */
  const wrong = [
    { accountSid: "AC1", ...secrets },
    { accountSid, ...secrets, sender: "MG1" },
    { accountSid, authToken: secrets.authToken, apiSecret: secrets.apiSecret },
    { accountSid, authToken: [secrets.authToken] },
    { accountSid, ...secrets, authTokn: 1 },
  ];
  for (const options of wrong) {
    assert.throws(() => new Twilio(options), (error) => {
      assert.ok(error instanceof LeadkitError);
      shown.push(inspect(error), JSON.stringify(error));
      return ["invalid_argument", "unknown_option"].includes(error.code);
    });
  }
  for (const text of shown) assert.doesNotMatch(text, /in-the-clear/);
});

test("Twilio by itself: send, call, fetch, list, cancel, redact, delete", async () => {
  const fake = new testing.FakeTwilio(null, { now: NOW });
  const twilio = new Twilio({ ...fake.config(), concurrency: 2 });
  const sent = await twilio.sendSms({ to: ADA, body: "Hello" });
  assert.ok(sent.outcome === "accepted" && sent.from === fake.number);
  const many = await twilio.sendMany([{ to: ADA, body: "one" }, { to: "+15005550001", body: "two" }]);
  assert.deepEqual(many.map(({ outcome }) => outcome), ["accepted", "refused"]);
  assert.ok(many[1]?.outcome === "refused" && many[1].class === "invalid_recipient" && many[1].suppress);
  const call = await twilio.startCall({ to: ADA, twiml: "<Response/>" });
  assert.ok(call.outcome === "accepted");
  fake.advance(60);
  const message = await twilio.fetchMessage(sent.sid);
  assert.deepEqual([message.status, message.price], ["delivered", { amount: "0.0079", currency: "USD" }]);
  assert.deepEqual(message.createdAt, new Date(NOW));
  assert.equal((await twilio.fetchCall(call.sid)).duration, 12);
  const page = await twilio.listMessages({ to: ADA, pageSize: 1 });
  assert.equal([...page].length, 1);
  assert.equal((await twilio.listMessages({ cursor: page.nextCursor })).items.length, 1);
  assert.deepEqual(await twilio.cancel(sent.sid), { cancellation: "too_late", status: "delivered" });
  const ended = await twilio.hangUp(call.sid);
  assert.equal(ended.cancellation, "too_late");
  assert.equal((await twilio.redactMessage(sent.sid)).body, "");
  assert.equal(await twilio.deleteMessage(sent.sid), undefined);
  await twilio.deleteCall(call.sid);
  assert.equal((await failure(twilio.fetchMessage(sent.sid))).code, "not_found");
  assert.equal((await failure(twilio.fetchMessage("SM1"))).field, "sid");
  assert.equal((await failure(twilio.sendSms(/** @type {any} */ ({ to: ADA, boddy: 1 })))).code, "unknown_option");
});

test("a lost answer is found out about, and nothing is sent twice", async () => {
  const { db, lead } = await ready();
  const fake = new testing.FakeTwilio(db);
  const twilio = fake.twilio();
  fake.fault({ fault: "dropped", accepted: true });
  const { id } = await db.comms.queueSms(lead, { body: "Once" });
  assert.equal((await db.comms.dispatch(twilio)).unknown, 1);
  assert.equal((await db.comms.dispatch(twilio)).sent, 0);
  const asked = await db.comms.reconcile(twilio);
  assert.deepEqual([asked.found, asked.lost, asked.unknown], [1, 0, 0]);
  assert.deepEqual([(await db.comms.get(id)).refusal, fake.accepted(ADA, "Once")], [null, 1]);
  fake.fault({ fault: "too_many_requests", retryAfter: 90 });
  await db.comms.queueSms(lead, { body: "Later" });
  assert.equal((await db.comms.dispatch(twilio)).retry, 1);
  fake.fate(ADA, { fate: "undelivered", code: 30003 });
  db.advance(600);
  assert.equal((await db.comms.dispatch(twilio, { limit: 1, batch: 1 })).sent, 1);
  db.advance(60);
  for (const request of fake.callbacks()) await db.comms.receive(twilio, request);
  const [later] = (await db.comms.list()).items;
  assert.deepEqual([later?.state, later?.refusal?.providerCode], ["failed", 30003]);
  assert.deepEqual(fake.acceptedAll(), [[ADA, "Later", 1], [ADA, "Once", 1]]);
  assert.throws(() => fake.fault(/** @type {any} */ ({ fault: "dropd" })), { code: "invalid_argument" });
});

test("the fake posts to a server", async () => {
  const { db, lead } = await ready();
  const fake = new testing.FakeTwilio(db);
  const twilio = fake.twilio();
  const server = createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const url = `http://127.0.0.1:${port}${req.url}`;
    const request = { method: req.method ?? "", url, headers: req.headers, body: Buffer.concat(chunks) };
    await db.comms.receive(twilio, request).then(() => res.end(), () => res.writeHead(403).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await db.settings.set({ publicUrl: `http://127.0.0.1:${port}/status` });
  const { id } = await db.comms.queueSms(lead, { body: "Hello" });
  await db.comms.dispatch(twilio);
  db.advance(60);
  assert.ok(fake.nextCallback() instanceof Date);
  assert.deepEqual(await fake.deliver(), [200, 200]);
  assert.equal((await db.comms.get(id)).state, "delivered");
  assert.equal(fake.nextCallback(), null);
  assert.equal(fake.requests().length, 1);
  server.close();
});

test("a transport of one's own: sync, async, and many at once", async () => {
  const { db, lead } = await ready();
  /** @type {any[]} */
  const took = [];
  const transport = paper({
    capabilities: async () => ({ provider: "paper", account: "P", sms: true }),
    async sendSms(request) {
      await pause(1);
      // The database may be used in between.
      took.push([request.to, request.body, request.validityPeriod, (await db.comms.list()).items.length]);
      return { outcome: "accepted", sid: "P1", status: "sent", price: { amount: "0.05", currency: "EUR" }, segments: 1 };
    },
  });
  const { id } = await db.comms.queueSms(lead, { body: "Hello" });
  assert.equal((await db.comms.dispatch(transport)).sent, 1);
  assert.equal(took[0][0], ADA);
  assert.deepEqual(took[0].slice(1), ["Hello", 36_000, 1]);
  const message = await db.comms.get(id);
  assert.deepEqual([message.providerId, message.price?.amount, message.state], ["P1", "0.05", "accepted"]);
  assert.equal((await db.settings.get()).account, "paper P ");
  const event = { event: /** @type {const} */ ("message_status"), accountSid: "P", sid: "P1", status: /** @type {const} */ ("delivered") };
  assert.equal((await db.comms.receiveEvent(event)).messages[0]?.state, "delivered");
  assert.equal((await failure(db.comms.receiveEvent(/** @type {any} */ ({ event: "x" })))).code, "invalid_argument");

  for (const body of ["one", "two", "three"]) await db.comms.queueSms(lead, { body });
  let calls = 0;
  const many = paper({
    async sendMany(requests) {
      calls += 1;
      /** @type {import("leadkit").Outcome[]} */
      const outcomes = [{ outcome: "accepted", sid: "P2", status: "sent" }, { outcome: "retry", after: 60 }];
      return outcomes.slice(0, requests.length);
    },
  });
  const report = await db.comms.dispatch(many);
  assert.deepEqual([calls, report.sent, report.retry, report.unknown], [1, 1, 1, 1]);
  assert.equal((await failure(db.comms.reconcile(many))).code, "unsupported");
});

test("what throws, rejects or makes no sense is unknown, and its text stays away", async () => {
  class Boom extends Error {}
  /** @type {any[]} */
  const ways = [
    () => { throw new Boom("s3cret"); },
    async () => { throw new Boom("s3cret"); },
    () => Promise.reject("s3cret"),
    () => { throw null; },
    () => { throw new Proxy({}, { get() { throw new Error("s3cret"); } }); },
    () => undefined,
    () => "s3cret",
    () => ({ outcome: "accepted" }),
    () => ({ outcome: "s3cret" }),
    () => ({ get outcome() { throw new Error("s3cret"); } }),
    () => ({ then() { throw new Error("s3cret"); } }),
    () => 1n << 70n,
  ];
  for (const sendSms of ways) {
    const { db, lead } = await ready();
    const { id } = await db.comms.queueSms(lead, { body: "Hello" });
    const report = await db.comms.dispatch(paper({ sendSms }));
    assert.deepEqual([report.unknown, report.sent], [1, 0], String(sendSms));
    const message = await db.comms.get(id);
    assert.equal(message.state, "unknown");
    assert.doesNotMatch(JSON.stringify(message), /s3cret/);
    if (String(sendSms).includes("Boom")) assert.match(message.refusal?.message ?? "", /raised Boom/);
    assert.equal((await db.comms.dispatch(paper())).sent, 0, "never handed over again");
  }
});

test("questions that fail are errors", async () => {
  const { db, lead } = await ready();
  for (const wrong of [null, undefined, 1, "twilio", {}, { sendSms() {} }, { capabilities() {} }]) {
    const error = await failure(db.comms.dispatch(/** @type {any} */ (wrong)));
    assert.deepEqual([error.code, error.field], ["invalid_argument", "transport"]);
  }
  const capabilities = () => { throw new TypeError("s3cret"); };
  const thrown = await failure(db.comms.dispatch(paper({ capabilities })));
  assert.equal(thrown.code, "provider_refused");
  assert.ok(thrown.message.includes("TypeError") && !inspect(thrown).includes("s3cret"));
  await db.comms.queueSms(lead, { body: "Hello" });
  await db.comms.dispatch(paper({ sendSms: () => /** @type {any} */ (null) }));
  const lists = paper({ listMessages: async () => { throw new TypeError("s3cret"); } });
  assert.equal((await failure(db.comms.reconcile(lists))).code, "provider_refused");
  const odd = paper({ listMessages: () => /** @type {any} */ ({ items: [{ sid: 1 }] }) });
  assert.equal((await failure(db.comms.reconcile(odd))).code, "invalid_argument");
  // An error of leadkit's keeps its code: a wrapper around Twilio may throw them.
  const away = new Twilio({ accountSid: `AC${"0".repeat(32)}`, authToken: "x", baseUrl: "http://127.0.0.1:9" });
  const wrapped = paper({ listMessages: (query) => away.listMessages(query) });
  const still = await db.comms.reconcile(wrapped);
  assert.deepEqual([still.found, still.lost, still.unknown], [0, 0, 1]);
  assert.equal((await failure(db.comms.dispatch(paper({ capabilities: () => ({ provider: "other" }) })))).code, "conflict");
  const found = paper({
    listMessages: () => ({ items: [{ sid: "P9", accountSid: "P", status: "sent", direction: "outbound", to: ADA, body: "Hello" }] }),
  });
  db.advance(120);
  const taken = await db.comms.reconcile(found);
  assert.deepEqual([taken.found, taken.lost, taken.unknown], [1, 0, 0]);
});

test("a class of one's own around Twilio is asked, not passed by", async () => {
  const { db, lead } = await ready();
  const fake = new testing.FakeTwilio(db);
  /** @type {string[]} */
  const log = [];
  class Logging extends Twilio {
    /** @param {import("leadkit").SmsRequest} request */
    async sendSms(request) {
      log.push(request.to);
      return super.sendSms(request);
    }
    /** @param {import("leadkit").SmsRequest[]} requests */
    async sendMany(requests) {
      return Promise.all(requests.map((request) => this.sendSms(request)));
    }
  }
  await db.comms.queueSms(lead, { body: "Hello" });
  const report = await db.comms.dispatch(new Logging(fake.config()));
  assert.deepEqual([report.sent, log, fake.accepted(ADA, "Hello")], [1, [ADA], 1]);
});

test("a signal stops a dispatch between messages that go out", async () => {
  const { db, lead } = await ready();
  for (const body of ["one", "two", "three"]) await db.comms.queueSms(lead, { body });
  const controller = new AbortController();
  /** @type {any[]} */
  const took = [];
  const transport = paper({
    sendSms(request) {
      took.push(request.body);
      controller.abort(new Error("enough"));
      return { outcome: "accepted", sid: "P1", status: "sent" };
    },
  });
  const report = await db.comms.dispatch(transport, { batch: 2, signal: controller.signal });
  assert.deepEqual([report.sent, report.retry, took], [1, 1, ["one"]]);
  const states = (await db.comms.list()).items.map(({ state, attempts }) => [state, attempts]);
  assert.deepEqual(states, [["queued", 0], ["queued", 1], ["accepted", 1]]);
  for (const given of [paper(), new testing.FakeTwilio(db).twilio()]) {
    await db.settings.set({ account: "" });
    const early = await db.comms.dispatch(given, { signal: AbortSignal.abort() });
    assert.deepEqual([early.sending, early.sent, early.retry], [true, 0, 0]);
  }
  const unwatched = await failure(db.comms.dispatch(paper(), /** @type {any} */ ({ onProgress() {} })));
  assert.equal(unwatched.code, "unknown_option");
});

test("a database that is closed in the midst holds nothing up", async () => {
  const { db, lead } = await ready();
  await db.comms.queueSms(lead, { body: "Hello" });
  const closing = paper({
    async sendSms() {
      await db.close();
      return { outcome: "accepted", sid: "P1", status: "sent" };
    },
  });
  assert.equal((await failure(db.comms.dispatch(closing))).code, "closed");
});

test("an environment that ends lets go of a dispatch; the message is unknown", async () => {
  const file = join(folder(), "leads.db");
  const script = `
    const { parentPort } = require("node:worker_threads");
    import(${JSON.stringify(import.meta.resolve("leadkit"))}).then(async ({ testing }) => {
      const db = await testing.open(${JSON.stringify(file)}, { now: ${JSON.stringify(NOW)}, seed: 1 });
      await db.settings.set({ sending: true });
      const { id } = await db.leads.add({ email: "ada@lovelace.org", phone: "${ADA}" });
      await db.consent.record("grant", "web form", { lead: id, wording: "Yes" });
      await db.comms.queueSms(id, { body: "Hello" });
      await db.comms.dispatch({
        capabilities: () => ({ provider: "paper", sms: true }),
        sendSms() { parentPort.postMessage("sending"); return new Promise(() => {}); },
      });
    });`;
  const worker = new Worker(script, { eval: true });
  await once(worker, "message");
  await worker.terminate();
  const db = await open(file);
  let state = "sending";
  for (let looks = 0; state === "sending" && looks < 200; looks += 1) {
    await pause(10);
    state = (await db.comms.get(1)).state;
  }
  assert.equal(state, "unknown");
  await db.close();
});

test("legal hours, and what replies mean", () => {
  const hours = new LegalHours();
  const late = hours.decide("2026-07-01T00:30:00Z", { phone: "+13055550123" });
  assert.deepEqual([late.allowed, late.refusal, late.nextLegal], [false, "outside_hours", new Date("2026-07-01T12:00:00Z")]);
  assert.deepEqual(late.places, [{ country: "US", state: "FL", from: "number" }]);
  assert.ok(late.rules.some((rule) => rule.id === "us-fl" && !rule.allows));
  const quiet = hours.decide(new Date("2026-07-01T12:30:00Z"), { purpose: "informational", timeZone: "Europe/Berlin", quietHours: { from: "14:00", until: "9:00" } });
  assert.equal(quiet.allowed, false);
  const rule = { id: "us-fl", country: "US", state: "FL", hours: { "mon-fri": "10:00-18:00" }, source: "counsel", effectiveFrom: "2026-01-01" };
  const ours = new LegalHours({ version: "ours", rules: [rule], without: ["us-wy"] });
  assert.equal(ours.decide("2026-07-01T13:30:00Z", { phone: "+13055550123" }).allowed, false);
  assert.match(ours.decide(new Date()).table, / \+ ours$/);
  assert.ok(hours.table().rules?.some(({ id }) => id === "us-wy") && !ours.table().rules?.some(({ id }) => id === "us-wy"));
  assert.throws(() => new LegalHours({ without: ["us-fi"] }), /us-fl/);
  assert.throws(() => hours.decide("yesterday"), { code: "invalid_argument" });
  assert.throws(() => hours.decide(new Date(), /** @type {any} */ ({ fone: "1" })), { code: "unknown_option" });
  assert.deepEqual(["Stop!", "START", "please take me off your list", "ok"].map(classifyReply), ["opt_out", "opt_in", "maybe_opt_out", "other"]);
  assert.throws(() => classifyReply(/** @type {any} */ (null)), { code: "invalid_argument" });
});
