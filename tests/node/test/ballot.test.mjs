// Encryption, proofs and openings of ballots: protocol.md §3 and §7.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

import {
  Malformed,
  allowed,
  branchChallenges,
  challengeOf,
  firstFailure,
  newSeed,
  noncesOf,
  openBallot,
  packCiphertexts,
  pieces,
  prove,
  scalarBytes,
  times,
  trackingCode,
  weightsOf,
} from "../lib/ballot.mjs";
import { Point, decodeElement, decodeScalar } from "../lib/group.mjs";
import { vectors } from "../vectors.mjs";

const scalarHex = (number) => bytesToHex(scalarBytes(number));

/** Every field in hexadecimal as bytes. */
function decoded(input, names) {
  return { shape: input.shape, ...Object.fromEntries(names.map((name) => [name, hexToBytes(input[name])])) };
}

for (const { id, input, intermediate, output, expect } of vectors("encryption")) {
  test(`encryption: ${id}`, () => {
    assert.equal(allowed(input.shape, input.selections), expect === "ok");
    if (expect !== "ok") return;
    const { shape, key, context, secret, randomness } = decoded(input, ["key", "context", "secret", "randomness"]);
    const credential = times(decodeScalar(secret), Point.BASE).toBytes();
    assert.equal(bytesToHex(credential), intermediate.credential);
    const seed = newSeed(secret, randomness);
    assert.equal(bytesToHex(seed), intermediate.seed);
    const nonces = noncesOf(seed, { shape, context, credential });
    assert.deepEqual(nonces.map(scalarHex), intermediate.nonces);
    const ciphertexts = packCiphertexts(decodeElement(key), input.selections, nonces);
    assert.equal(bytesToHex(ciphertexts), output.ciphertexts);
    assert.equal(trackingCode({ context, shape, credential, ciphertexts }), output.tracking_code);
  });
}

const STATEMENT = ["key", "context", "credential", "previous", "ciphertexts"];

for (const { id, input, prover, intermediate, reason, expect } of vectors("ballot-proof")) {
  test(`ballot proof: ${id}`, () => {
    const statement = decoded(input, STATEMENT);
    const proof = hexToBytes(input.proof);
    if (expect === "EncodingError") {
      assert.throws(() => firstFailure(statement, proof), Malformed);
      return;
    }
    assert.equal(firstFailure(statement, proof), reason ?? null);
    assert.equal(expect, reason === undefined ? "ok" : "ProofError");
    if (expect === "ok") checkIntermediates(statement, proof, intermediate, prover);
  });
}

function checkIntermediates(statement, proof, intermediate, prover) {
  const { W, weights } = weightsOf(statement);
  assert.equal(bytesToHex(W), intermediate.W);
  assert.deepEqual(weights.map(scalarHex), intermediate.weights);
  const items = pieces(proof);
  const border = intermediate.commitments.length;
  assert.deepEqual(items.slice(0, border).map(bytesToHex), intermediate.commitments.map(([, hex]) => hex));
  const e = challengeOf(statement, proof.subarray(0, 32 * border));
  assert.equal(scalarHex(e), intermediate.e);
  const count = intermediate.branch_challenges.length - statement.shape.contests.length;
  const free = items.slice(border, border + count).map(decodeScalar);
  const challenges = branchChallenges(statement.shape, free, e).flat();
  assert.deepEqual(challenges.map(scalarHex), intermediate.branch_challenges);
  const made = prove(statement, {
    secret: decodeScalar(hexToBytes(prover.secret)),
    randomness: hexToBytes(prover.randomness),
    selections: prover.selections,
    nonces: prover.nonces.map((nonce) => decodeScalar(hexToBytes(nonce))),
  });
  assert.equal(bytesToHex(made), bytesToHex(proof));
}

for (const { id, input, output, expect } of vectors("opening")) {
  test(`opening: ${id}`, () => {
    const given = decoded(input, ["key", "context", "credential", "seed", "ciphertexts"]);
    const open = () => openBallot({ ...given, code: input.tracking_code });
    if (expect === "ok") assert.deepEqual(open(), output.selections);
    else if (expect === "EncodingError") assert.throws(open, Malformed);
    else assert.throws(open, /^Error: opening/);
  });
}
