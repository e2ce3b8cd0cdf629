// Credential codes, credentials, tracking codes and proofs of possession: protocol.md §2.3, §2.8, §2.9, §2.13, §3.12.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

import { hash, hashScalar, scalarBytes, sum, times, trackingCode } from "../lib/ballot.mjs";
import { decodeCode, encodeCode, foldTrackingCode } from "../lib/crockford.mjs";
import { Point, decodeElement } from "../lib/group.mjs";
import { ORDER } from "../lib/hashing.mjs";
import { provePossession, verifyPossession } from "../lib/possession.mjs";
import { vectors } from "../vectors.mjs";

const scalarHex = (number) => bytesToHex(scalarBytes(number));

for (const { id, input, intermediate, output, expect } of vectors("code")) {
  test(`code: ${id}`, () => {
    if (expect !== "ok") {
      assert.throws(() => decodeCode(input.text), /^Error: code/);
      return;
    }
    const bits = decodeCode(input.text);
    assert.equal(bytesToHex(bits), output.bits);
    assert.equal(encodeCode(bits), output.code);
    assert.equal(Number(BigInt(`0x${output.bits}`) % 1021n), intermediate.check);
  });
}

/** §2.8, §2.11 */
function join(publics) {
  if (publics.length === 0 || publics.some((part) => part.equals(Point.ZERO))) throw new Error("credential: parts");
  const joined = sum(publics);
  if (joined.equals(Point.ZERO)) throw new Error("credential: identity");
  return joined;
}

for (const { id, input, intermediate, output, expect } of vectors("credential")) {
  test(`credential: ${id}`, () => {
    if (expect !== "ok") {
      const publics = input.publics.map((part) => decodeElement(hexToBytes(part)));
      assert.throws(() => join(publics), /^Error: credential/);
      return;
    }
    const secrets = input.parts.map(({ issuer_id, bits }) =>
      hashScalar("credential", utf8ToBytes(input.election_id), utf8ToBytes(issuer_id), hexToBytes(bits)),
    );
    const publics = secrets.map((secret) => times(secret, Point.BASE));
    assert.deepEqual(secrets.map(scalarHex), intermediate.secrets);
    assert.deepEqual(publics.map((part) => part.toHex()), intermediate.publics);
    assert.equal(scalarHex(secrets.reduce((left, right) => left + right) % ORDER), output.secret);
    assert.equal(join(publics).toHex(), output.credential);
  });
}

for (const { id, input, intermediate, output, expect } of vectors("tracking")) {
  test(`tracking: ${id}`, () => {
    if (expect !== "ok") {
      assert.throws(() => foldTrackingCode(input.text), /^Error: code/);
    } else if (input.text !== undefined) {
      assert.equal(foldTrackingCode(input.text), output.code);
    } else {
      const [context, credential, ciphertexts] = [input.context, input.credential, input.ciphertexts].map(hexToBytes);
      const style = utf8ToBytes(input.style_id);
      assert.equal(bytesToHex(hash("tracking", context, style, credential, ciphertexts)), intermediate.digest);
      const shape = { style_id: input.style_id };
      assert.equal(trackingCode({ context, shape, credential, ciphertexts }), output.code);
    }
  });
}

for (const { id, input, prover, intermediate, expect } of vectors("possession")) {
  test(`possession: ${id}`, () => {
    if (expect !== "ok") {
      assert.throws(() => verifyPossession(input), /^Error: possession/);
      return;
    }
    assert.equal(scalarHex(verifyPossession(input)), intermediate.e);
    const made = provePossession(input, prover);
    assert.equal(scalarHex(made.k), intermediate.k);
    assert.equal(bytesToHex(made.commitment), input.commitment);
    assert.equal(scalarHex(made.response), input.response);
  });
}
