// Never run: what the types allow and refuse.
import { LeadkitError, LegalHours, Page, Twilio, normalizePhone, open, readTable, testing } from "leadkit";
import type { Filter, ImportOptions, Lead, Outcome, Source, Transport } from "leadkit";
import { createReadStream } from "node:fs";

await using db = await open("leads.db", { actor: "mia", busyTimeout: 5 });

const filter: Filter = {
  status: "new",
  country: { in: ["DE", "AT"] },
  created_at: { gte: { ago: "14d" }, lt: new Date() },
  "custom.plan": "pro",
  or: [{ score: { between: [1, 2] } }, { not: { email: { is_null: true } } }],
};
const page: Page<Lead> = await db.leads.find(filter, { orderBy: ["-score"], limit: 10 });
for (const lead of page) lead.firstName?.toUpperCase();
for await (const lead of db.leads.iterate(filter)) lead.createdAt.getTime();
for await (const row of await readTable("x.csv", { header: false })) row[0]?.trim();

const options: ImportOptions = { onMatch: "update", mapping: { A: "email", B: null, C: { transforms: ["trim"] } } };
const sources: Source[] = ["x.csv", new URL("file:///x"), Buffer.from(""), createReadStream("x"), new Blob().stream()];
for (const source of sources) {
  const report = await db.importLeads(source, { ...options, onProgress: (p) => console.log(p.done) });
  report.created.toFixed();
  await report.saveHtml("x.html");
}
const view = db.asActor("mia");
await view.leads.update(1, { first_name: "Ada", notes: null, tags: ["x"] });
const e164: string | null = normalizePhone("1").e164;
const fixed = await testing.open(":memory:", { now: new Date(), seed: 1n });
fixed.asActor("mia").advance(1);
const code = (error: unknown) => (error instanceof LeadkitError ? error.code === "busy" && error.retryable : e164);
code(0);

const twilio = new Twilio({ accountSid: "AC", apiKey: "SK", apiSecret: "x", sender: "+15005550006" });
const outcome: Outcome = await twilio.sendSms({ to: "+49", body: "Hi", sendAt: new Date() });
if (outcome.outcome === "accepted") outcome.sid.trim();
else if (outcome.outcome === "refused") console.log(outcome.class === "opted_out", outcome.suppress);
const paper: Transport = {
  capabilities: () => ({ provider: "paper" }),
  sendSms: async ({ to }) => ({ outcome: "unknown", why: to }),
  listMessages: (query) => twilio.listMessages(query),
};
const { signal } = new AbortController();
for (const transport of [twilio, paper]) (await db.comms.dispatch(transport, { limit: 1, signal })).nextAt?.getTime();
const request = new testing.FakeTwilio(fixed, { pace: 2 }).inbound("+49", "+1", "Stop", "https://x.example/");
(await db.comms.receive(twilio, request)).consent[0]?.kind === "withdrawal";
await db.comms.receiveEvent({ event: "message_status", accountSid: "A", sid: "M", status: "delivered" }, null);
new LegalHours({ without: ["us-wy"] }).decide(new Date(), { phone: "+49", quietHours: { from: "20:00", until: "9:00" } });

// @ts-expect-error an outcome is one of four
const maybe: Outcome = { outcome: "maybe" };
// @ts-expect-error the account is needed
new Twilio({ authToken: "x" });
// @ts-expect-error a transport sends
await db.comms.dispatch({ capabilities: () => ({}) });
// @ts-expect-error nothing reports how far a dispatch is
await db.comms.dispatch(paper, { onProgress() {} });
// @ts-expect-error names of fields are snake_case
await db.leads.add({ firstName: "Ada" });
// @ts-expect-error no such field
await db.leads.count({ emial: "x" });
// @ts-expect-error no such operator
await db.leads.count({ email: { like: "x" } });
// @ts-expect-error options are lowerCamelCase
await db.importLeads("x.csv", { default_country: "DE" });
// @ts-expect-error no such word
await db.importLeads("x.csv", { onMatch: "mrege" });
// @ts-expect-error not yet: rows are no source
await db.importLeads([{ email: "ada@lovelace.org" }]);
// @ts-expect-error databases are opened
new (await import("leadkit")).Database();
// @ts-expect-error no such code
if (new Error() instanceof LeadkitError && ({} as LeadkitError).code === "bussy") throw 0;

const plan = await db.bulk.planUpdate({ source: "fair" }, { set: { notes: { template: "Hi {{ lead.first_name }}" }, owner: null } });
const done = await db.bulk.run(plan, { confirm: plan.count, onProgress: (p) => console.log(p.done) });
await db.operations.undo(done, { onConflict: "force", fields: ["custom.plan"] });
await db.bulk.planAssign({}, { weighted: { mia: 3, tom: 1 } });
await db.statuses.define([{ key: "new", next: null }, ...(await db.statuses.list())]);
// @ts-expect-error ways are spelled alike in every language
await db.bulk.planAssign({}, { roundRobin: ["mia"] });
// @ts-expect-error a lead is no operation
await db.operations.undo(await db.leads.first());
// @ts-expect-error no such word
await db.operations.undo(done, { onConflict: "froce" });
