import assert from "node:assert/strict";
import { test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

import { holdsWithCofactor, requirePublicKey, verifySignature } from "../lib/signature.mjs";
import { vectors } from "../vectors.mjs";

for (const { id, input, intermediate, expect } of vectors("signing")) {
  test(`signing: ${id}`, () => {
    const [key, message, signature] = [input.public_key, input.message, input.signature].map(hexToBytes);
    const verify = () => verifySignature(key, message, signature);
    if (expect === "ok") verify();
    else assert.throws(verify);
    assert.equal(holdsWithCofactor(key, message, signature), intermediate.holds_with_cofactor);
    if ("seed" in input) {
      const seed = hexToBytes(input.seed);
      assert.equal(bytesToHex(ed25519.getPublicKey(seed)), input.public_key);
      assert.equal(bytesToHex(ed25519.sign(message, seed)), input.signature);
    }
  });
}

for (const { id, input, expect } of vectors("signing-keys")) {
  test(`signing key: ${id}`, () => {
    const require = () => requirePublicKey(hexToBytes(input.public_key));
    if (expect === "ok") require();
    else assert.throws(require);
  });
}
