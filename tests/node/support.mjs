import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** A folder that goes when the tests of this file are over. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), "leadkit-node-"));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/**
 * A CSV of leads, each with an address of its own.
 * @param {number} rows
 */
export function csv(rows) {
  let text = "First name,Last name,Email,Company\n";
  for (let i = 0; i < rows; i++) text += `Ada${i},Lovelace,ada${i}@lovelace.org,Engines ${i}\n`;
  return text;
}

/**
 * A moment for the event loop.
 * @param {number} millis
 */
export const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
