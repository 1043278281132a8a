// Worker threads, and processes that end in the middle.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { open } from "leadkit";
import { csv, folder, pause } from "./support.mjs";

const dir = folder();
const leadkit = JSON.stringify(import.meta.resolve("leadkit"));

/**
 * Runs a script in a process of its own, with a database at `file`.
 * @param {string} script
 */
async function run(script) {
  const file = join(dir, `${Math.random()}.db`);
  const source = join(dir, "leads.csv");
  await writeFile(source, csv(100_000));
  const text = `
    import { open } from ${leadkit};
    const file = ${JSON.stringify(file)}, source = ${JSON.stringify(source)};
    ${script}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", text], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  const began = Date.now();
  const [code, signal] = await once(child, "exit");
  return { code, signal, output, millis: Date.now() - began, file };
}

test("a process ends by itself with a database open", async () => {
  const { code, output } = await run(`
    const db = await open(file);
    await db.leads.add({ email: "ada@lovelace.org" });
    console.log(await db.leads.count());`);
  assert.deepEqual([code, output], [0, "1\n"]);
});

test("a process waits for its import", async () => {
  const { code, output } = await run(`
    const db = await open(file);
    db.importLeads(Buffer.from("email\\nada@lovelace.org\\n")).then((report) => console.log(report.created));`);
  assert.deepEqual([code, output], [0, "1\n"]);
});

test("a process may exit in the midst of an import, and the import goes on later", async () => {
  const script = `
    const db = await open(file);
    const onProgress = (p) => { if (p.stage === "import") process.exit(7); };
    await db.importLeads(source, { onProgress });`;
  const { code, output, file } = await run(script);
  assert.deepEqual([code, output], [7, ""]);
  const db = await open(file);
  const report = await db.importLeads(join(dir, "leads.csv"));
  assert.equal(await db.leads.count(), 100_000);
  assert.equal(report.rows, 100_000);
  await db.close();
});

test("a process may exit while a stream is waited for", async () => {
  const { code, output, millis } = await run(`
    import { Readable } from "node:stream";
    const db = await open(file);
    db.importLeads(new Readable({ read() {} })).catch(() => {});
    setTimeout(() => process.exit(3), 50);`);
  assert.deepEqual([code, output], [3, ""]);
  assert.ok(millis < 5000);
});

test("an uncaught error ends the process as usual", async () => {
  const { code, output } = await run(`
    const db = await open(file);
    db.importLeads(source).catch(() => {});
    throw new Error("mine");`);
  assert.equal(code, 1);
  assert.match(output, /Error: mine/);
});

test("worker threads import side by side", async () => {
  const text = `
    const { parentPort, workerData } = require("node:worker_threads");
    import(workerData.leadkit).then(async ({ open, LeadkitError }) => {
      const db = await open(":memory:");
      const report = await db.importLeads(Buffer.from(workerData.csv));
      const error = await db.leads.add({ emial: "x" }).catch((error) => error);
      parentPort.postMessage([report.created, error instanceof LeadkitError, error.code]);
      await db.close();
    });`;
  const workers = [1, 2, 3].map(
    () => new Worker(text, { eval: true, workerData: { leadkit: import.meta.resolve("leadkit"), csv: csv(2000) } }),
  );
  const answers = await Promise.all(
    workers.map(async (worker) => {
      const [[answer], [code]] = await Promise.all([once(worker, "message"), once(worker, "exit")]);
      return [...answer, code];
    }),
  );
  for (const answer of answers) assert.deepEqual(answer, [2000, true, "unknown_field", 0]);
});

test("a worker that is terminated stops its import", async () => {
  const file = join(dir, "terminated.db");
  const source = join(dir, "terminated.csv");
  await writeFile(source, csv(200_000));
  const text = `
    const { parentPort, workerData } = require("node:worker_threads");
    import(workerData.leadkit).then(async ({ open }) => {
      const db = await open(workerData.file);
      await db.importLeads(workerData.source, {
        onProgress: (p) => { if (p.stage === "import" && p.done > 0) parentPort.postMessage("on"); },
      });
      parentPort.postMessage("done");
    });`;
  const workerData = { leadkit: import.meta.resolve("leadkit"), file, source };
  const worker = new Worker(text, { eval: true, workerData });
  const [message] = await once(worker, "message");
  assert.equal(message, "on");
  await worker.terminate();
  const db = await open(file);
  // The import of the terminated thread ends with its batch; then ours goes on.
  for (let left = 100; ; left--) {
    const [operation] = await db.operations.list();
    if (operation?.state === "cancelled") break;
    assert.ok(left > 0, `still ${operation?.state}`);
    await pause(50);
  }
  assert.ok((await db.leads.count()) < 200_000);
  await db.close();
});

test("closed is closed", async () => {
  const db = await open(":memory:");
  await db.close();
  await db.close();
  await assert.rejects(db.leads.count(), { code: "closed", kind: "closed", retryable: false });
  await assert.rejects(db.importLeads(Buffer.from("email\nada@lovelace.org\n")), { code: "closed" });
  if (Symbol.asyncDispose !== undefined) {
    const again = await open(":memory:");
    await again[Symbol.asyncDispose]();
    await assert.rejects(again.leads.count(), { code: "closed" });
  }
});

test("many calls at once", async () => {
  const db = await open(join(dir, "many.db"));
  const leads = await Promise.all(
    Array.from({ length: 300 }, (_, i) => db.leads.add({ email: `a${i}@lovelace.org` })),
  );
  assert.equal(new Set(leads.map((lead) => lead.id)).size, 300);
  const found = await Promise.all(leads.map((lead) => db.leads.get(lead.id)));
  assert.ok(found.every((lead, i) => lead?.email === leads[i]?.email));
  await db.close();
});
