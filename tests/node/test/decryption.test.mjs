import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";

import { Point, decodeElement, decodeScalar } from "../lib/group.mjs";
import { ORDER, digest, le64, scalarOf } from "../lib/hashing.mjs";
import { vectors } from "../vectors.mjs";

const times = (scalar, point) => (scalar === 0n ? Point.ZERO : point.multiplyUnsafe(scalar));
const split = (hex) => (hex.match(/.{64}/g) ?? []).map(hexToBytes);
const modulo = (number) => ((number % ORDER) + ORDER) % ORDER;

function verify(input) {
  const ciphertexts = split(input.ciphertexts);
  const pads = ciphertexts.filter((_, place) => place % 2 === 0);
  const datas = ciphertexts.filter((_, place) => place % 2 === 1);
  const partials = split(input.partials);
  const [K, ...committed] = split(input.commitments);
  if (partials.length !== pads.length || committed.length !== pads.length) throw new Error("release: shape");

  const X = decodeElement(hexToBytes(input.verification_key));
  if (X.is0()) throw new Error("release: identity as key");
  const e = scalarOf(
    digest(
      "evote/v1/decryption",
      hexToBytes(input.context),
      le64(input.round),
      le64(input.trustee),
      hexToBytes(input.verification_key),
      hexToBytes(input.aggregate_digest),
      concatBytes(...pads.flatMap((pad, c) => [pad, datas[c], partials[c], committed[c]])),
      K,
    ),
  );
  const z = decodeScalar(hexToBytes(input.response));
  const holds = (base, commitment, image) =>
    times(z, base).equals(decodeElement(commitment).add(times(e, image)));
  if (!holds(Point.BASE, K, X)) throw new Error("release: equation of the key");
  pads.forEach((pad, c) => {
    if (!holds(decodeElement(pad), committed[c], decodeElement(partials[c]))) {
      throw new Error(`release: equation of ciphertext ${c}`);
    }
  });
}

for (const { id, input, expect } of vectors("partial-decryptions")) {
  test(`partial decryption: ${id}`, () => {
    if (expect === "ok") verify(input);
    else assert.throws(() => verify(input), /^Error: release: /);
  });
}

/** λ_l = Π_{i≠l} i/(i − l). */
function lagrange(indexes) {
  const known = indexes.every((index) => index >= 1 && index <= 32);
  if (!known || new Set(indexes).size !== indexes.length) throw new Error("combination: indexes");
  return indexes.map((own) => {
    let [numerator, denominator] = [1n, 1n];
    for (const other of indexes) {
      if (other === own) continue;
      numerator = modulo(numerator * BigInt(other));
      denominator = modulo(denominator * BigInt(other - own));
    }
    return modulo(numerator * Point.Fn.inv(denominator));
  });
}

for (const { id, input, output, expect } of vectors("lagrange")) {
  test(`lagrange: ${id}`, () => {
    if (expect === "ok") {
      const expected = output.coefficients.map((hex) => decodeScalar(hexToBytes(hex)));
      assert.deepEqual(lagrange(input.trustees), expected);
    } else {
      assert.throws(() => lagrange(input.trustees));
    }
  });
}

for (const { id, input, intermediate, output } of vectors("combination")) {
  test(`combination: ${id}`, () => {
    const weights = lagrange(input.partials.map(({ trustee }) => trustee));
    assert.deepEqual(weights, intermediate.lagrange.map((hex) => decodeScalar(hexToBytes(hex))));
    split(input.datas).forEach((data, c) => {
      const plain = input.partials.reduce(
        (rest, { partials }, place) => rest.subtract(times(weights[place], decodeElement(split(partials)[c]))),
        decodeElement(data),
      );
      assert.equal(bytesToHex(plain.toBytes()), intermediate.elements[c]);
      assert.ok(plain.equals(times(BigInt(output.counts[c]), Point.BASE)));
    });
  });
}
