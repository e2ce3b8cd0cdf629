// Signatures by protocol.md §1.9. noble's own `verify` applies the cofactor, so only its points are used.

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";

import { ORDER, littleEndian } from "./hashing.mjs";

const { Point } = ed25519;

/** The point of a canonical encoding; throws for any other. */
function strictPoint(bytes) {
  const zip215 = false;
  const point = Point.fromBytes(bytes, zip215);
  if (bytesToHex(point.toBytes()) !== bytesToHex(bytes)) throw new Error("point: not canonical");
  return point;
}

const timesUpToOrder = (point, scalar) => (scalar === 0n ? Point.ZERO : point.multiplyUnsafe(scalar));

/** Throws unless the signature holds by the rule without the cofactor. */
export function verifySignature(publicKey, message, signature) {
  if (publicKey.length !== 32 || signature.length !== 64) throw new Error("signature: wrong size");
  const R = signature.subarray(0, 32);
  const S = littleEndian(signature.subarray(32));
  if (S >= ORDER) throw new Error("signature: S is not below the order");
  const K = strictPoint(publicKey);
  if (K.isSmallOrder() || strictPoint(R).isSmallOrder()) throw new Error("signature: small order");
  const k = littleEndian(sha512(concatBytes(R, publicKey, message))) % ORDER;
  const expected = timesUpToOrder(Point.BASE, S).subtract(timesUpToOrder(K, k));
  if (bytesToHex(expected.toBytes()) !== bytesToHex(R)) throw new Error("signature: does not verify");
}

/** Whether 8·S·B = 8·R + 8·k·K, with points read as loosely as their encodings allow. */
export function holdsWithCofactor(publicKey, message, signature) {
  const zip215 = true;
  const R = signature.subarray(0, 32);
  const k = littleEndian(sha512(concatBytes(R, publicKey, message))) % ORDER;
  const S = littleEndian(signature.subarray(32)) % ORDER;
  try {
    const right = Point.fromBytes(R, zip215).add(timesUpToOrder(Point.fromBytes(publicKey, zip215), k));
    return timesUpToOrder(Point.BASE, S).subtract(right).clearCofactor().is0();
  } catch {
    return false;
  }
}

/** Throws unless the key is canonical and of order ℓ. */
export function requirePublicKey(publicKey) {
  if (publicKey.length !== 32) throw new Error("signing key: wrong size");
  const point = strictPoint(publicKey);
  if (point.isSmallOrder() || !point.isTorsionFree()) throw new Error("signing key: not of full order");
}
