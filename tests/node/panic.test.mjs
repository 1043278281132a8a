// A panic of the native library is an error like any other; the process goes on.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { open } from "leadkit";

const native = createRequire(import.meta.url)("../../leadkit-node/leadkit.node");

/**
 * The answer of a native call, `[error, value]`.
 * @param {string} place
 * @returns {Promise<[any, any]>}
 */
const panic = (place) =>
  new Promise((resolve) => {
    /** @param {[string, any]} event */
    const listener = ([, done]) => resolve(done);
    const begun = native._panic(place, listener);
    if (begun[0] !== null) resolve(begun);
  });

for (const place of ["now", "arguments", "pool", "thread"]) {
  test(`a panic becomes an internal error: ${place}`, async () => {
    const [error, value] = await panic(place);
    assert.equal(error.code, "internal");
    assert.equal(error.kind, "internal");
    assert.match(error.message, /for a test/);
    assert.equal(value, null);
    const db = await open(":memory:");
    assert.equal((await db.leads.add({ email: "ada@lovelace.org" })).id, 1);
    await db.close();
  });
}
