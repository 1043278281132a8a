// Files in and out: sources, progress, cancelling, reports.
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { ImportReport, LeadkitError, open, readTable, sniff } from "leadkit";
import { csv, folder, pause } from "./support.mjs";

/** Calls with arguments that TypeScript would refuse. @type {any} */
const wrong = (/** @type {unknown} */ value) => value;

const SMALL = "First name,E-mail\nAda,ada@lovelace.org\nGrace,grace@navy.mil\nNobody,not-an-address\n";
const memory = () => open(":memory:");

describe("sources", () => {
  const dir = folder();
  const file = join(dir, "leads.csv");

  /** @type {Record<string, () => import("leadkit").Source>} */
  const sources = {
    path: () => file,
    buffer: () => Buffer.from(SMALL),
    "view inside a buffer": () => new Uint8Array(Buffer.from(`xx${SMALL}yy`)).subarray(2, -2),
    ArrayBuffer: () => new TextEncoder().encode(SMALL).buffer,
    DataView: () => new DataView(new TextEncoder().encode(SMALL).buffer),
    "file stream": () => createReadStream(file, { highWaterMark: 7 }),
    "file stream of text": () => createReadStream(file, { encoding: "utf8", highWaterMark: 5 }),
    "Readable of strings": () => Readable.from([SMALL.slice(0, 9), SMALL.slice(9)]),
    "web stream": () => new Blob([SMALL]).stream(),
    "web body": () => /** @type {ReadableStream<Uint8Array>} */ (new Response(SMALL).body),
    generator: () =>
      (async function* () {
        for (const byte of Buffer.from(SMALL)) yield new Uint8Array([byte]);
      })(),
  };

  for (const [name, source] of Object.entries(sources)) {
    test(name, async () => {
      await writeFile(file, SMALL);
      const db = await memory();
      const report = await db.importLeads(source(), { rejects: false });
      assert.deepEqual([report.rows, report.created, report.rejected], [3, 2, 1]);
      assert.equal((await sniff(source())).delimiter, ",");
      const rows = [];
      for await (const row of await readTable(source())) rows.push(row);
      assert.deepEqual(rows[1], ["Grace", "grace@navy.mil"]);
      const preview = await (await memory()).previewImport(source());
      assert.equal(preview.leads.length > 0, true);
    });
  }

  test("a string is always a path", async () => {
    const db = await memory();
    await assert.rejects(db.importLeads(SMALL), { code: "file_not_found" });
  });

  test("a file stream brings its name", async () => {
    await writeFile(file, SMALL);
    const db = await memory();
    const report = await db.importLeads(createReadStream(file), { rejects: false });
    assert.equal(report.file, "leads.csv");
  });

  test("what is no source is said to be none", async () => {
    const db = await memory();
    for (const not of [7, null, undefined, {}, [], true]) {
      await assert.rejects(db.importLeads(wrong(not)), { code: "invalid_argument", field: "source" });
      await assert.rejects(sniff(wrong(not)), LeadkitError);
      await assert.rejects(readTable(wrong(not)), LeadkitError);
    }
  });
});

describe("streams", () => {
  test("are read no faster than they are needed", async () => {
    let given = 0;
    let most = 0;
    let taken = 0;
    const db = await memory();
    const body = csv(20_000);
    async function* stream() {
      yield "";
      for (let at = 0; at < body.length; at += 10_000) {
        most = Math.max(most, ++given - taken);
        yield body.slice(at, at + 10_000);
        taken++;
      }
    }
    const report = await db.importLeads(stream());
    assert.equal(report.created, 20_000);
    assert.ok(most <= 2, `${most} chunks at once`);
  });

  test("a stream's error is thrown as it is", async () => {
    const db = await memory();
    const mine = new RangeError("the line went dead");
    async function* stream() {
      yield "email\nada@lovelace.org\n";
      throw mine;
    }
    await assert.rejects(db.importLeads(stream()), (error) => error === mine);
    await assert.rejects(sniff(Readable.from(stream())), (error) => error === mine);
    assert.equal(await db.leads.count(), 0);
  });

  test("chunks are bytes or text", async () => {
    const db = await memory();
    const stream = Readable.from([{ email: "ada@lovelace.org" }]);
    await assert.rejects(db.importLeads(wrong(stream)), { code: "invalid_argument", field: "source" });
    assert.equal(stream.destroyed, true);
  });

  test("a stream that is not needed to its end is let go", async () => {
    const db = await memory();
    const stream = new Readable({ read() {} });
    await assert.rejects(db.importLeads(stream, wrong({ nmae: "x" })), { code: "unknown_option" });
    assert.equal(stream.destroyed, true);
    let left = false;
    async function* generator() {
      try {
        for (;;) yield "ada@lovelace.org\n";
      } finally {
        left = true;
      }
    }
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    await assert.rejects(db.importLeads(generator(), { signal: abort.signal }), { code: "cancelled" });
    await pause(1);
    assert.equal(left, true);
  });

  test("a stream that stalls can be cancelled", async () => {
    const db = await memory();
    async function* generator() {
      yield "email\n";
      await new Promise(() => {});
    }
    for (const stream of [generator(), Readable.from(generator()), new Readable({ read() {} })]) {
      const signal = AbortSignal.timeout(20);
      await assert.rejects(db.importLeads(stream, { signal }), (error) => {
        assert.ok(error instanceof LeadkitError);
        assert.equal(error.code, "cancelled");
        assert.equal(error.cause, signal.reason);
        return true;
      });
    }
  });
});

describe("progress", () => {
  test("comes on this thread, the last one before the report", async () => {
    const db = await memory();
    /** @type {import("leadkit").Progress[]} */
    const events = [];
    await db.importLeads(Buffer.from(csv(3000)), { onProgress: (p) => void events.push(p) });
    const last = events.at(-1);
    assert.ok(last !== undefined);
    assert.equal(last.stage, "import");
    assert.equal(last.done, last.total);
    assert.deepEqual(Object.keys(last), ["stage", "done", "total", "unit", "rate", "eta"]);
  });

  test("the event loop goes on meanwhile", async () => {
    const db = await memory();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await db.importLeads(Buffer.from(csv(20_000)));
    clearInterval(timer);
    assert.ok(turns > 10, `${turns} turns`);
  });

  test("what the callback throws stops the import and is thrown", async () => {
    const db = await memory();
    const mine = new TypeError("mine");
    let calls = 0;
    const onProgress = () => {
      calls++;
      throw mine;
    };
    await assert.rejects(db.importLeads(Buffer.from(csv(100_000)), { onProgress }), (error) => error === mine);
    assert.ok(calls >= 1);
    assert.ok((await db.leads.count()) < 100_000);
    const later = async () => {
      await pause(1);
      throw mine;
    };
    await assert.rejects(
      db.importLeads(Buffer.from(csv(100_000)), { onProgress: later }),
      (error) => error === mine,
    );
  });

  test("is a function", async () => {
    const db = await memory();
    await assert.rejects(db.importLeads("x", wrong({ onProgress: true })), {
      code: "invalid_argument",
      field: "onProgress",
    });
    await assert.rejects(db.importLeads("x", wrong({ onprogress() {} })), /did you mean `onProgress`/);
    await assert.rejects(db.importLeads("x", wrong({ signal: true })), { field: "signal" });
  });
});

describe("signals", () => {
  test("aborted before", async () => {
    const db = await memory();
    const reason = new Error("too late");
    const signal = AbortSignal.abort(reason);
    for (const call of [
      () => db.importLeads(Buffer.from(SMALL), { signal }),
      () => db.previewImport(Buffer.from(SMALL), { signal }),
      () => db.exportLeads("never.csv", { signal }),
    ]) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof LeadkitError);
        assert.equal(error.code, "cancelled");
        assert.equal(error.kind, "cancelled");
        assert.equal(error.name, "AbortError");
        assert.equal(error.cause, reason);
        return true;
      });
    }
    assert.equal(await db.leads.count(), 0);
    assert.deepEqual((await db.operations.list()).items, []);
  });

  test("aborted during: whole batches stay, and the same call goes on", async () => {
    const dir = folder();
    const db = await open(join(dir, "leads.db"));
    const source = join(dir, "many.csv");
    await writeFile(source, csv(120_000));
    const abort = new AbortController();
    const onProgress = (/** @type {import("leadkit").Progress} */ p) => {
      if (p.stage === "import" && p.done > 0) abort.abort();
    };
    await assert.rejects(db.importLeads(source, { onProgress, signal: abort.signal }), {
      code: "cancelled",
      name: "AbortError",
    });
    const so = await db.leads.count();
    assert.ok(so < 120_000);
    const [operation] = await db.operations.list();
    assert.equal(operation?.state, "cancelled");
    const report = await db.importLeads(source);
    assert.equal(report.resumed, true);
    assert.equal(await db.leads.count(), 120_000);
    await db.close();
  });

  test("a history of contacts: from a stream, aborted during, gone on with, as a page", async () => {
    const dir = folder();
    const db = await open(join(dir, "leads.db"));
    const ada = await db.leads.add({ email: "ada@lovelace.org" });
    const rows = Array.from({ length: 6000 }, (_, n) => `ada@lovelace.org,note,2026-01-01,number ${n}`);
    const text = `email,channel,at,body\n${rows.join("\n")}\n`;
    const abort = new AbortController();
    const onProgress = (/** @type {import("leadkit").Progress} */ p) => {
      if (p.stage === "import" && p.done > 0) abort.abort();
    };
    const stream = () => Readable.from([Buffer.from(text)]);
    await assert.rejects(db.comms.importLog(stream(), { onProgress, signal: abort.signal }), {
      code: "cancelled",
      name: "AbortError",
    });
    const report = await db.comms.importLog(stream());
    assert.ok(report instanceof ImportReport);
    assert.deepEqual([report.kind, report.rows, report.created, report.resumed], ["import_contacts", 6000, 6000, true]);
    assert.equal((await db.comms.search({ lead: ada.id, facets: ["channel"], limit: 1 })).total, 6000);
    await report.saveHtml(join(dir, "report.html"));
    assert.match(await readFile(join(dir, "report.html"), "utf8"), /all 6,000 rows were entered/);
    await db.close();
  });

  test("aborted after says nothing, and no listener stays", async () => {
    const db = await memory();
    const abort = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = abort.signal;
    abort.signal.addEventListener = (/** @type {any} */ ...all) => {
      listeners++;
      addEventListener.apply(abort.signal, wrong(all));
    };
    abort.signal.removeEventListener = (/** @type {any} */ ...all) => {
      listeners--;
      removeEventListener.apply(abort.signal, wrong(all));
    };
    await db.importLeads(Buffer.from(SMALL), { signal: abort.signal, rejects: false });
    abort.abort();
    assert.equal(listeners, 0);
  });
});

describe("reports", () => {
  test("are plain data that can do two things", async () => {
    const dir = folder();
    const db = await open(join(dir, "leads.db"));
    const report = await db.importLeads(Buffer.from(SMALL), { name: "first" });
    assert.ok(report instanceof ImportReport);
    const core = JSON.parse(report.toJson());
    assert.equal(core.operation_id, report.operationId);
    assert.deepEqual(core.mapping, report.mapping);
    const plain = JSON.parse(JSON.stringify(report));
    assert.equal(plain.operationId, report.operationId);
    assert.deepEqual(Object.keys(plain).length, Object.keys(core).length);
    assert.ok(report.rejects !== null && (await stat(report.rejects)).isFile());
    const page = join(dir, "report.html");
    await report.saveHtml(page);
    assert.match(await readFile(page, "utf8"), /<html/);
    await assert.rejects(report.saveHtml(join(dir, "none", "report.html")), { code: "file_not_found" });
    const preview = await db.previewImport(Buffer.from(SMALL));
    await preview.report.saveHtml(page);
    assert.deepEqual((await readdir(dir)).filter((name) => name.endsWith(".html")), ["report.html"]);
    await db.close();
  });

  test("every option of the core is an option here", async () => {
    const db = await memory();
    const report = await db.importLeads(Buffer.from("Wer;Post;Ort\nAda Lovelace;ada@lovelace.test;X\n"), {
      mapping: { Wer: { field: "full_name", transforms: ["upper"] }, Ort: null, Post: "email" },
      matchOn: ["email"],
      onMatch: "update",
      set: { source: "fair", score: 3 },
      required: ["email"],
      onInvalid: { email: "drop" },
      allowReservedDomains: true,
      unmapped: "ignore",
      format: { delimiter: ";", header: true, preambleRows: 0 },
      rejects: null,
      showValues: true,
      threads: 1,
    });
    assert.equal(report.created, 1);
    const lead = await db.leads.first();
    assert.equal(lead?.source, "fair");
    assert.equal(lead?.score, 3);
    const nested = db.importLeads("x.csv", { format: wrong({ preamble_rows: 1 }) });
    await assert.rejects(nested, /did you mean `preambleRows`/);
    await assert.rejects(db.importLeads("x.csv", wrong({ onMatch: "mrege" })), (error) => {
      assert.ok(error instanceof LeadkitError);
      assert.deepEqual([error.code, error.field, error.value], ["invalid_argument", "onMatch", "mrege"]);
      assert.match(error.message, /did you mean `merge`/);
      return true;
    });
    await assert.rejects(db.importLeads("x.csv", wrong("dryRun")), { code: "invalid_argument" });
  });

  test("export and back", async () => {
    const dir = folder();
    const db = await memory();
    await db.importLeads(Buffer.from(SMALL), { rejects: false });
    const target = join(dir, "out.csv");
    const report = await db.exportLeads(target, { fields: ["email"], orderBy: ["email"], delimiter: ";" });
    assert.deepEqual([report.rows, report.fields, report.path], [2, ["email"], target]);
    assert.deepEqual((await readFile(target, "utf8")).split(/\r?\n/), ["email", "ada@lovelace.org", "grace@navy.mil", ""]);
    const excel = await db.exportLeads(join(dir, "out.xlsx"), { filter: { email: { contains: "ada" } } });
    assert.equal(excel.rows, 1);
    await assert.rejects(db.exportLeads(join(dir, "none", "out.csv")), { code: "file_not_found" });
    await assert.rejects(db.exportLeads(join(dir, "out.csv"), { fields: ["emial"] }), /did you mean `email`/);
  });
});

describe("tables", () => {
  test("rows, header, format and issues", async () => {
    const table = await readTable(Buffer.from('a;b\n1;"x"\n2;y;z\n'), { delimiter: ";" });
    assert.deepEqual(table.header, ["a", "b"]);
    assert.equal(table.format.headerRows, 1);
    assert.equal(table.format.lineTerminator, "\n");
    const rows = [];
    for await (const row of table) rows.push(row);
    assert.equal(rows.length, 2);
    assert.deepEqual(rows[0], ["1", "x"]);
    for await (const row of table) assert.fail(`a second time: ${row}`);
    const many = await readTable(Buffer.from(csv(2000)));
    let count = 0;
    for await (const row of many) count += row.length;
    assert.equal(count, 8000);
    await assert.rejects(readTable(Buffer.from("a,b\n"), { encoding: "utf-9" }), { code: "invalid_argument" });
    await assert.rejects(sniff(Buffer.from("a,b\n"), wrong({ delimeter: ";" })), /did you mean `delimiter`/);
  });
});
