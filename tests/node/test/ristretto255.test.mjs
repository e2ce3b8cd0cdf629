import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

import { Point, decodeElement, decodeScalar } from "../lib/group.mjs";
import { ORDER } from "../lib/hashing.mjs";
import { vectors } from "../vectors.mjs";

test("the order is the group's", () => {
  assert.equal(Point.Fn.ORDER, ORDER);
});

for (const { id, input, expect } of vectors("ristretto255")) {
  test(`ristretto255: ${id}`, () => {
    const decode = () => decodeElement(hexToBytes(input.encoded));
    if (expect !== "ok") {
      assert.throws(decode);
      return;
    }
    assert.equal(bytesToHex(decode().toBytes()), input.encoded);
    const multiple = input.multiple === 0 ? Point.ZERO : Point.BASE.multiply(BigInt(input.multiple));
    assert.equal(bytesToHex(multiple.toBytes()), input.encoded);
  });
}

for (const { id, input, expect } of vectors("scalar")) {
  test(`scalar: ${id}`, () => {
    const decode = () => decodeScalar(hexToBytes(input.encoded));
    if (expect === "ok") assert.ok(decode() < ORDER);
    else assert.throws(decode);
  });
}
