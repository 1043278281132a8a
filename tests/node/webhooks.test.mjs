// The server of examples/node/webhooks_express.mjs behind a proxy that ends TLS and misleads.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { testing } from "leadkit";
import { generate } from "selfsigned";
import { folder } from "./support.mjs";

const EXAMPLE = fileURLToPath(new URL("../../examples/node/webhooks_express.mjs", import.meta.url));
const ADA = "+493023125014";
const PUBLIC = "https://leads.example";
const HOOK = `${PUBLIC}/twilio?tenant=a%20b`;
const EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';
// What the proxy tells of itself, and Twilio never heard of.
const MISLEADING = { host: "inside.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" };

// A database that sends, on a Monday morning, its Twilio, and the way from there to the server.
const database = join(folder(), "leads.db");
const db = await testing.open(database, { now: "2026-03-02T09:00:00Z", seed: 1 });
const fake = new testing.FakeTwilio(db);
/** @type {import("node:child_process").ChildProcess} */
let server;
/** @type {https.Server} */
let proxy;
let serverPort = 0;
let proxyPort = 0;
let trusted = "";

before(async () => {
  await db.settings.set({ sending: true, publicUrl: HOOK });
  await db.leads.add({ email: "ada@lovelace.org", phone: ADA });
  await db.consent.record("grant", "web form", { lead: 1, wording: "Yes, text me offers" });
  const env = {
    ...process.env,
    PUBLIC_URL: `${PUBLIC}/`,
    TWILIO_ACCOUNT_SID: fake.accountSid,
    TWILIO_AUTH_TOKEN: fake.authToken,
    HELP_TEXT: "Offers of A & B. STOP ends them.",
  };
  const running = spawn(process.execPath, [EXAMPLE, database, "0"], { env, stdio: ["ignore", "pipe", "inherit"] });
  server = running;
  const [line] = await once(running.stdout, "data");
  serverPort = Number(/^Listening on http:\/\/127\.0\.0\.1:(\d+)\n$/.exec(String(line))?.[1]);

  const altNames = [{ type: /** @type {const} */ (2), value: "leads.example" }];
  const extensions = [{ name: /** @type {const} */ ("subjectAltName"), altNames }];
  const made = await generate([{ name: "commonName", value: "leads.example" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions,
  });
  trusted = made.cert;
  // Ends TLS, and hands on in plain HTTP what it got, with misleading headers.
  proxy = https.createServer({ key: made.private, cert: made.cert }, (outside, answer) => {
    const headers = { ...outside.headers, ...MISLEADING };
    const inside = http.request({ host: "127.0.0.1", port: serverPort, method: outside.method, path: outside.url, headers });
    inside.on("response", (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    inside.on("error", () => answer.writeHead(502).end());
    outside.pipe(inside);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  proxyPort = portOf(proxy);
});

after(async () => {
  proxy?.close();
  if (server?.kill()) await once(server, "exit");
  await db.close();
});

/** @param {import("node:net").Server} listening */
const portOf = (listening) => /** @type {import("node:net").AddressInfo} */ (listening.address()).port;

/**
 * Sends a request to the public host, whatever URL it was signed for; the path is that URL's.
 * @param {import("leadkit").WebhookRequest} request
 * @returns {Promise<[number | undefined, string]>}
 */
async function post({ method, url, headers, body }) {
  const { pathname, search } = new URL(url);
  const sent = https.request({
    // Where public DNS would lead; the certificate must be for the name.
    host: "127.0.0.1",
    port: proxyPort,
    servername: "leads.example",
    ca: trusted,
    agent: false,
    method,
    path: pathname + search,
    headers: { .../** @type {Record<string, string>} */ (headers), host: "leads.example" },
  });
  sent.end(body);
  const [answer] = await once(sent, "response");
  let text = "";
  for await (const chunk of answer) text += chunk;
  return [answer.statusCode, text];
}

/** @param {import("leadkit").WebhookRequest} request */
const bodyOf = ({ body }) => Buffer.from(/** @type {Uint8Array} */ (body)).toString();

const delivered = async () => (await db.comms.list({ state: "delivered" })).items.length;

test("delivered through the proxy, and seen within a second", async () => {
  const ids = [];
  for (let n = 0; n < 5; n++) ids.push((await db.comms.queueSms(1, { body: `Offer ${n}` })).id);
  assert.equal((await db.comms.dispatch(fake.twilio())).sent, 5);
  db.advance(60);
  const callbacks = fake.callbacks();
  assert.ok(callbacks.length === 10 && callbacks.every(({ url }) => url.startsWith(`${HOOK}&`)));
  const took = [];
  for (const callback of callbacks) {
    const before = await delivered();
    const began = performance.now();
    assert.deepEqual(await post(callback), [200, EMPTY]);
    // The server has written; we, another process, read.
    const after = await delivered();
    took.push(performance.now() - began);
    assert.equal(after - before, bodyOf(callback).includes("MessageStatus=delivered") ? 1 : 0);
  }
  for (const id of ids) assert.equal((await db.comms.get(id)).state, "delivered");
  const median = took.sort((a, b) => a - b)[5] ?? Infinity;
  assert.ok(median < 1000, String(took));
});

test("a changed body and other URLs are refused", async () => {
  const before = (await db.comms.list()).items.length;
  const genuine = fake.inbound(ADA, fake.number, "Hello", HOOK);
  const status = async (/** @type {import("leadkit").WebhookRequest} */ request) => (await post(request))[0];
  assert.equal(await status({ ...genuine, body: bodyOf(genuine).replace("Hello", "STOP") }), 403);
  assert.equal(await status({ ...genuine, url: `${PUBLIC}/twilio?tenant=c` }), 403);
  // Signed for what the server sees, or for what the proxy says that was asked for.
  for (const origin of [`http://127.0.0.1:${serverPort}`, "http://inside.example", "http://evil.example"]) {
    assert.equal(await status(fake.inbound(ADA, fake.number, "STOP", HOOK.replace(PUBLIC, origin))), 403, origin);
  }
  assert.equal((await db.comms.list()).items.length, before);
  const entries = [...(await db.consent.history({ lead: 1 }))];
  assert.deepEqual(entries.map(({ kind }) => kind), ["grant"]);
  assert.deepEqual(await post(genuine), [200, EMPTY]);
});

test("what is no webhook", async () => {
  const form = { AccountSid: fake.accountSid, CallSid: "CA1" };
  const signed = HOOK + Object.entries(form).flat().join("");
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-twilio-signature": createHmac("sha1", fake.authToken).update(signed).digest("base64"),
  };
  const body = new URLSearchParams(form).toString();
  assert.equal((await post({ method: "POST", url: HOOK, headers, body }))[0], 400);
});

test("calls, HELP and STOP", async () => {
  assert.deepEqual(await post(fake.inboundCall(ADA, fake.number, HOOK)), [200, EMPTY]);
  assert.equal((await db.comms.list()).items[0]?.channel, "voice");
  const [status, help] = await post(fake.inbound(ADA, fake.number, "Help", HOOK));
  const said = "<Message>Offers of A &#38; B. STOP ends them.</Message>";
  assert.deepEqual([status, help], [200, EMPTY.replace("</", `${said}</`)]);
  assert.deepEqual(await post(fake.inbound(ADA, fake.number, "Stop, please", HOOK)), [200, EMPTY]);
  const { id } = await db.comms.queueSms(1, { body: "One more?" });
  assert.deepEqual((await db.comms.dispatch(fake.twilio())).refusals, { opted_out: 1 });
  assert.equal((await db.comms.get(id)).state, "refused");
  assert.equal(fake.accepted(ADA, "One more?"), 0);
});
