// Proofs of possession of protocol.md §2.3 and §2.13.

import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

import { hashScalar, times } from "./ballot.mjs";
import { Point, decodeElement, decodeScalar } from "./group.mjs";
import { ORDER, le64 } from "./hashing.mjs";

/** The name of the challenge, its parts before K, and the element whose logarithm is proved. */
function statementOf(input) {
  const digest = hexToBytes(input.manifest_digest);
  if (input.kind === "dealer") {
    const commitments = input.coefficient_commitments.map(hexToBytes);
    if (commitments.length === 0 || commitments.length !== input.threshold) throw new Error("possession: not t");
    const numbers = [input.trustees, input.threshold, input.trustee_index].map(le64);
    return ["possession", [digest, ...numbers, concatBytes(...commitments)], commitments[0]];
  }
  const [old, part] = [hexToBytes(input.old_credential), hexToBytes(input.part)];
  return ["reissue-possession", [digest, utf8ToBytes(input.issuer_id), old, part], part];
}

export function verifyPossession(input) {
  const [name, parts, known] = statementOf(input);
  const K = hexToBytes(input.commitment);
  const z = decodeScalar(hexToBytes(input.response));
  const e = hashScalar(name, ...parts, K);
  const right = decodeElement(K).add(times(e, decodeElement(known)));
  if (!times(z, Point.BASE).equals(right)) throw new Error("possession: does not hold");
  return e;
}

export function provePossession(input, { secret, randomness }) {
  const [name, parts] = statementOf(input);
  const bytes = hexToBytes(secret);
  const tag = utf8ToBytes(`evote/v1/${name}`);
  const k = hashScalar("possession-nonce", bytes, hexToBytes(randomness), tag, ...parts);
  const K = times(k, Point.BASE).toBytes();
  const e = hashScalar(name, ...parts, K);
  return { k, commitment: K, response: (k + e * decodeScalar(bytes)) % ORDER };
}
