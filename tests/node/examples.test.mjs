// The examples run, and say what they did.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { testing } from "leadkit";
import { csv, folder } from "./support.mjs";

/**
 * @param {string} name
 * @param {string[]} words
 */
async function run(name, ...words) {
  const path = fileURLToPath(new URL(`../../examples/node/${name}.mjs`, import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [path, ...words]);
  assert.equal(stderr, "");
  return stdout;
}

test("import_leads, with a sample of its own", async () => {
  const output = await run("import_leads");
  assert.match(output, /^trade-fair\.csv: windows-1252, delimiter ";"\n/);
  assert.match(output, / 2,000 {2}rows in /);
  assert.match(output, /became new leads\n/);
  assert.match(output, /handed back\n/);
  assert.match(output, /Vorname +-> first_name/);
  assert.match(output, /has no @; write it as name@domain/);
  for (const what of ["Leads", "Report", "Rejects"]) {
    const path = new RegExp(`^${what} +(\\S+)`, "m").exec(output)?.[1] ?? what;
    assert.ok((await stat(path)).size > 0, path);
  }
});

test("import_leads, with a file", async () => {
  const source = join(folder(), "mine.csv");
  await writeFile(source, csv(100));
  const output = await run("import_leads", source);
  assert.match(output, /^mine\.csv: UTF-8, delimiter ","\n/);
  assert.match(output, / 100 {2}became new leads\n/);
  assert.doesNotMatch(output, /Rejects/);
});

test("bulk_update", async () => {
  const output = await run("bulk_update");
  for (const line of ["Planned: bulk_update", "would change", "left alone", "leads are as they were", "5 undo "]) {
    assert.ok(output.includes(line), line);
  }
  assert.match(output, /owner is "tom" by now \(changed\)/);
});

/**
 * Runs the JavaScript of a chapter of the guide, from its top to its end.
 * @param {string} name
 * @param {string} dir
 */
async function chapter(name, dir) {
  const page = await readFile(new URL(`../../docs/guide/${name}`, import.meta.url), "utf8");
  const blocks = page.split("```js\n").slice(1).map((part) => part.split("```")[0]);
  assert.ok(blocks.length >= 3);
  // The folder knows no packages.
  const text = blocks.join("\n").replace('"leadkit"', JSON.stringify(import.meta.resolve("leadkit")));
  await writeFile(join(dir, "chapter.mjs"), text);
  const { stdout } = await promisify(execFile)(process.execPath, ["chapter.mjs"], { cwd: dir });
  return stdout;
}

test("the guide changes many leads", async () => {
  const dir = folder();
  await writeFile(join(dir, "trade-fair.csv"), testing.messyCsv(300, { seed: 7 }));
  assert.match(await chapter("02-change-many-leads.md", dir), /Met /);
  assert.ok((await stat(join(dir, "before.db"))).size > 0 && (await stat(join(dir, "elsewhere.db"))).size > 0);
});

test("the guide finds every contact", async () => {
  const lines = (await chapter("04-every-contact.md", folder())).trimEnd().split("\n");
  assert.deepEqual(lines, [
    "2026-03-02T09:00:00.000Z email outbound Here is our price list.",
    "2026-02-27T14:00:00.000Z email inbound Prices?",
    "2 { channel: { email: 2 }, direction: { inbound: 1, outbound: 1 } }",
    "Here is our [price list].",
    "[Prices]?",
    "Could you send me the price list for spring?",
  ]);
});

test("the guide counts contacts", async () => {
  const dir = folder();
  const lines = (await chapter("05-contacts-in-numbers.md", dir)).trimEnd().split("\n");
  assert.deepEqual(lines, [
    "40 10 1 0.25 { EUR: '3' }",
    "mia 26 0.269231",
    "noe 14 0.214286",
    "40 5 { EUR: '0.6' }",
    "contacted 40 1",
    "reached 40 1",
    "answered 10 0.25",
    "won 5 0.125",
    "[ 5 ]",
    "A 20 0 0 0.161125",
    "B 20 0.5 0.299298 0.700702",
    "true",
    "50 0",
  ]);
  assert.ok((await stat(join(dir, "spring.html"))).size > 0);
});

test("the guide says who sees what", async () => {
  const dir = folder();
  const lines = (await chapter("06-who-sees-what.md", dir)).trimEnd().split("\n");
  assert.deepEqual(lines, [
    "Ada Lovelace a…@example.org …00 London",
    '""',
    "access_denied phone",
    "Paris",
    "Paris update tom a call London",
    "sms marketing allowed null",
    "sms informational allowed null",
    "voice marketing refused no_consent",
    "1",
  ]);
  assert.match(await readFile(join(dir, "ada.html"), "utf8"), /Lovelace/);
});

test("the guide erases a person", async () => {
  const dir = folder();
  const lines = (await chapter("07-a-persons-data.md", dir)).trimEnd().split("\n");
  assert.deepEqual(lines, [
    "[ '+12127365000' ] [ 'Please send me the price list. Ada' ]",
    "on_hold lead 1 is on hold: lawsuit 12/2026 (lift it by privacy.release when the reason is gone)",
    "1 true",
    "backups",
    "files",
    "opted_out",
    "mails 1",
    "old leads 0",
    "log 0",
    "true",
  ]);
  assert.match(await readFile(join(dir, "ada.html"), "utf8"), /ada@lovelace.example/);
  assert.doesNotMatch(await readFile(join(dir, "certificate.html"), "utf8"), /ada@/);
});

test("the guide audits", async () => {
  const lines = (await chapter("08-what-was-done.md", folder())).trimEnd().split("\n");
  assert.deepEqual(lines, [
    "3 tom export undefined",
    "2 mia consent [ 1 ]",
    "1 mia operation [ 1 ]",
    "3 2026",
    "true verified 3",
  ]);
});

test("the guide keeps to the right hour", async () => {
  const lines = (await chapter("09-at-the-right-hour.md", folder())).trimEnd().split("\n");
  assert.deepEqual(lines, [
    "2026-03-29T01:30:00.000Z 03:30 skipped_hour",
    "2026-03-30T00:30:00.000Z 02:30 ",
    "2026-03-02T00:00:00.000Z",
    "2026-03-02T14:00:00.000Z",
    "2026-12-23T16:00:00 ",
    "2026-12-24T16:00:00 ",
    "2026-12-28T10:00:00 closed",
    "2026-12-28T16:00:00 ",
    "run_once 1 2 2026-06-05T09:00:00",
    "run_all 3 0 2026-06-05T09:00:00",
    "skip 0 3 2026-06-05T09:00:00",
  ]);
});

test("the guide lets things happen by themselves", async () => {
  const lines = (await chapter("10-what-happens-by-itself.md", folder())).trimEnd().split("\n");
  assert.deepEqual(lines, [
    "1 false sms,await_reply,if",
    "2 { condition: 1 } 2 2",
    "call_back { queue: 'inbound' } 1",
    "2 finished sms done,await_reply done,if else,task done",
    "1 finished sms done,await_reply done,if then,status done,host done",
    "Call them",
    "Cleo 2026-03-09T08:00:00.000Z",
    "Eve 2026-03-09T13:00:00.000Z",
    "Bob 2026-03-09T13:00:00.000Z",
    "2 2 { tag: 1, task: 1 } { finished: 1, replied: 1 }",
    "0 0",
    "1 1",
    "false false 0",
  ]);
});

test("the guide sends messages", async () => {
  const lines = (await chapter("03-send-messages.md", folder())).trimEnd().split("\n");
  assert.deepEqual(lines, [
    "1 {}",
    "delivered",
    "withdrawal",
    "{ opted_out: 1 }",
    "1 { opted_out: 1 } { USD: '0.1' }",
    "1",
    "null 1 0 null",
    "spring-2026 1 0.1 USD",
    "1",
    "1",
    "+493023125015 On paper",
    "1",
    "On paper",
  ]);
});
