import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

import { digest, littleEndian, scalarOf } from "../lib/hashing.mjs";
import { vectors } from "../vectors.mjs";

for (const { id, input, output } of vectors("hash")) {
  test(`hash: ${id}`, () => {
    const result = digest(input.tag, ...input.parts.map(hexToBytes));
    assert.equal(bytesToHex(result), output.digest);
    assert.equal(scalarOf(result), littleEndian(hexToBytes(output.scalar)));
  });
}
