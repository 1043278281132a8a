// Your first import: a messy CSV in, leads in SQLite, rejects and a report out.
//
//   node import_leads.mjs            makes a messy sample and imports it
//   node import_leads.mjs my.csv     imports your file
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import { open, testing } from "leadkit";

const source = process.argv[2] ?? (await makeSample());
const { dir, name } = parse(source);
const database = join(dir, `${name}.db`);
const page = join(dir, `${name}.report.html`);

const db = await open(database);
const report = await db.importLeads(source, { onProgress: progressLine() });
await db.close();
await report.saveHtml(page);

const { format } = report;
console.log(`${report.file}: ${format.encoding}, delimiter ${JSON.stringify(format.delimiter)}\n`);
console.log(`${count(report.rows)}  rows in ${report.timing.seconds.toFixed(2)} s`);
for (const [number, what] of /** @type {const} */ ([
  [report.created, "became new leads"],
  [report.updated, "updated a lead"],
  [report.merged, "completed a lead that was there"],
  [report.skipped, "changed nothing"],
  [report.rejected, "handed back"],
])) {
  if (number > 0) console.log(`${count(number)}  ${what}`);
}

console.log("\nColumns");
for (const { column, fields, confidence } of report.mapping) {
  const goes = fields.join(", ") || "(left out)";
  console.log(`  ${column.padEnd(14)} -> ${goes.padEnd(14)} ${(confidence * 100).toFixed(0).padStart(3)} %`);
}

console.log("\nNoticed");
for (const issue of report.issues.slice(0, 12)) {
  console.log(`${String(issue.count).padStart(7)} x  ${(issue.field ?? "row").padEnd(12)} ${issue.message}`);
}

console.log(`\nLeads    ${database}`);
console.log(`Report   ${page}`);
if (report.rejects) console.log(`Rejects  ${report.rejects}  (fix them and import this file again)`);

/** @param {number} number */
function count(number) {
  return number.toLocaleString("en").padStart(9);
}

/** A line on a terminal, nothing in a log file. */
function progressLine() {
  if (!process.stderr.isTTY) return undefined;
  return (/** @type {import("leadkit").Progress} */ { stage, done, total }) => {
    const percent = total ? Math.round((done / total) * 100) : 0;
    process.stderr.write(stage === "import" && done === total ? "\r\x1b[K" : `\r${stage} ${percent} %`);
  };
}

async function makeSample() {
  const folder = join(tmpdir(), "leadkit-example");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const path = join(folder, "trade-fair.csv");
  await writeFile(path, testing.messyCsv(2000, { seed: 7 }));
  return path;
}
