import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

import { Point, decodeElement, decodeScalar } from "../lib/group.mjs";
import { ORDER, digest, le64 } from "../lib/hashing.mjs";
import { vectors } from "../vectors.mjs";

const packed = (hexes) => concatBytes(...hexes.map(hexToBytes));
const scalars = (hexes) => hexes.map((hex) => decodeScalar(hexToBytes(hex)));
const elements = (hexes) => hexes.map((hex) => decodeElement(hexToBytes(hex)));
const times = (scalar, point) => (scalar === 0n ? Point.ZERO : point.multiplyUnsafe(scalar));
const total = (points) => points.reduce((sum, point) => sum.add(point), Point.ZERO);
const hexOf = (point) => bytesToHex(point.toBytes());

/** f(l) modulo ℓ, power by power. */
const valueAt = (coefficients, l) =>
  coefficients.reduce((sum, c, power) => (sum + c * BigInt(l) ** BigInt(power)) % ORDER, 0n);

/** Σ_j l^j·C_j, power by power. */
const committedAt = (commitments, l) =>
  total(commitments.map((C, power) => times(BigInt(l) ** BigInt(power) % ORDER, C)));

const digests = {
  pledge: (i) => digest("evote/v1/pledge", hexToBytes(i.manifest_digest), le64(i.trustee), hexToBytes(i.body)),
  transcript: (i) => digest("evote/v1/transcript", packed(i.leaf_hashes)),
  base: (i) =>
    digest(
      "evote/v1/base",
      hexToBytes(i.manifest_digest),
      hexToBytes(i.joint_key),
      packed(i.coefficient_commitments.flat()),
    ),
  "issuer-pledge": (i) =>
    digest(
      "evote/v1/issuer-pledge",
      hexToBytes(i.manifest_digest),
      utf8ToBytes(i.issuer),
      packed([...i.parts].sort()),
    ),
  context: (i) => digest("evote/v1/context", hexToBytes(i.base), hexToBytes(i.roll_root)),
};
digests["issuer-pledge-empty"] = digests["issuer-pledge"];

for (const { id, input, output } of vectors("ceremony")) {
  test(`ceremony: ${id}`, () => assert.equal(bytesToHex(digests[id](input)), output.digest));
}

for (const { id, input, intermediate, output } of vectors("sharing")) {
  test(`sharing: ${id}`, () => {
    const polynomials = input.coefficients.map(scalars);
    const commitments = intermediate.coefficient_commitments.map(elements);
    const trustees = polynomials.map((_, index) => index + 1);
    assert.deepEqual(
      polynomials.map((f) => f.map((c) => hexOf(times(c, Point.BASE)))),
      intermediate.coefficient_commitments,
    );
    assert.deepEqual(
      polynomials.map((f) => trustees.map((l) => valueAt(f, l))),
      intermediate.dealt_shares.map(scalars),
    );
    assert.deepEqual(
      trustees.map((l) => polynomials.reduce((sum, f) => (sum + valueAt(f, l)) % ORDER, 0n)),
      scalars(output.secret_shares),
    );
    assert.equal(hexOf(total(commitments.map(([constant]) => constant))), output.joint_key);
    assert.deepEqual(
      trustees.map((l) => hexOf(total(commitments.map((C) => committedAt(C, l))))),
      output.verification_keys,
    );
  });
}

for (const { id, input, expect } of vectors("dealt-shares")) {
  test(`dealt share: ${id}`, () => {
    const [value] = scalars([input.value]);
    const expected = committedAt(elements(input.coefficient_commitments), input.recipient);
    assert.equal(times(value, Point.BASE).equals(expected), expect === "ok");
  });
}

for (const { id, input, output, expect } of vectors("share-plaintexts")) {
  test(`share plaintext: ${id}`, () => {
    const plaintext = hexToBytes(input.plaintext);
    const context = concatBytes(hexToBytes(input.manifest_digest), le64(input.dealer), le64(input.recipient));
    const read = () => {
      if (bytesToHex(plaintext.subarray(32)) !== bytesToHex(context)) throw new Error("share: another context");
      return decodeScalar(plaintext.subarray(0, 32));
    };
    if (expect === "ok") assert.deepEqual([read()], scalars([output.value]));
    else assert.throws(read);
  });
}
