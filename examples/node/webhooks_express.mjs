// Twilio's webhooks in a server of one's own, behind a proxy that ends TLS: what becomes of messages,
// and the messages and calls that come in.
//
//   PUBLIC_URL=https://leads.example TWILIO_ACCOUNT_SID=AC... TWILIO_AUTH_TOKEN=... \
//       node webhooks_express.mjs leads.db 8000
//
// Twilio signs the URL that it was given. Behind a proxy a server sees another one, and anybody can
// write `Host` and `X-Forwarded-*`: so the URL is `PUBLIC_URL` with the request's path and query.
import express from "express";
import { Twilio, classifyReply, open } from "leadkit";

const [database = "leads.db", port = "8000"] = process.argv.slice(2);
const publicUrl = setting("PUBLIC_URL").replace(/\/+$/, "");
const twilio = new Twilio({ accountSid: setting("TWILIO_ACCOUNT_SID"), authToken: setting("TWILIO_AUTH_TOKEN") });
const db = await open(database);

const app = express();

// The body's bytes as they came: a form that was read and written again may differ.
app.all("/twilio", express.raw({ type: () => true }), async (req, res) => {
  const request = { method: req.method, url: publicUrl + req.originalUrl, headers: req.headers, body: req.body };
  try {
    const received = await db.comms.receive(twilio, request);
    res.type("text/xml").send(answer(received));
  } catch (error) {
    const code = /** @type {{ code?: string }} */ (error).code;
    if (code === "permission_denied") res.sendStatus(403);
    else if (code === "invalid_argument") res.sendStatus(400);
    else throw error;
  }
});

const server = app.listen(Number(port), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`Listening on http://127.0.0.1:${port}`);
});

/**
 * What Twilio is to do now: nothing, which also hangs up a call that comes in. STOP and START it
 * answers by itself; `HELP_TEXT` answers HELP, where Twilio's own answer is switched off.
 * @param {import("leadkit").Received} received
 */
function answer({ messages }) {
  const asks = messages.some(({ direction, body }) => direction === "inbound" && classifyReply(body) === "help");
  const help = process.env.HELP_TEXT;
  const verbs = asks && help ? `<Message>${help.replace(/[<>&]/g, (c) => `&#${c.charCodeAt(0)};`)}</Message>` : "";
  return `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`;
}

/** @param {string} name */
function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}`);
  return value;
}
