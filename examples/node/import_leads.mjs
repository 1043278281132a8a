// Your first import: a messy CSV in, leads in SQLite, rejects and a report out.
//
//   node import_leads.mjs            makes a messy sample and imports it
//   node import_leads.mjs my.csv     imports your file
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import { open } from "leadkit";

const source = process.argv[2] ?? (await makeSample());
const { dir, name } = parse(source);
const database = join(dir, `${name}.db`);
const page = join(dir, `${name}.report.html`);

const db = await open(database);
const report = await db.importLeads(source, { defaultCountry: "DE", onProgress: progressLine() });
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

console.log("\nSome of them");
for (const lead of await db.leads.find({ country: "DE" }, { limit: 3 })) {
  const name = [lead.firstName, lead.lastName].filter(Boolean).join(" ") || lead.company;
  console.log(`  ${name}  ${lead.email ?? "-"}  ${lead.phone ?? "-"}`);
}
await db.close();

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

/** A list as trade fairs hand it out: semicolons, Windows letters, every kind of mess. */
async function makeSample() {
  const rows = [
    "Besucher der Messe 2026;;;;;;",
    "",
    "Vorname;Nachname;Firma;E-Mail;Telefon;Land;Bemerkung",
    "JÜRGEN;MÜLLER;Schäfer Möbel GmbH;juergen@schaefer-moebel.de;030 1234567;Deutschland;will Katalog",
    "Ada;Lovelace;Engines Ltd;Ada@Lovelace.ORG;+44 20 7946 0018;UK;",
    "ada;lovelace;;ada@lovelace.org;;;ruft zurück",
    "Grace;Hopper;US Navy;grace.hopper(at)navy.mil;+1 212 555 0100;USA;",
    "Zoë;Ångström;Ljus AB;zoe@gmial.com;;Sverige;n/a",
    "Max;Mustermann;-;max@;0176/1234 5678;Deutschland;",
    ";;;;;;",
    "Erika;Muster;Test & Söhne;info@test-soehne.de;4,93E+11;DE;=HYPERLINK(\"x\")",
    "Karl;;;;;;weder Adresse noch Telefon",
  ];
  const path = join(await mkdtemp(join(tmpdir(), "leadkit-")), "trade-fair.csv");
  await writeFile(path, `${rows.join("\r\n")}\r\n`, "latin1");
  return path;
}
