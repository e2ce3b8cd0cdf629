// Elements and scalars of protocol.md §1.2 and §1.3.

import { ristretto255 } from "@noble/curves/ed25519.js";

import { ORDER, littleEndian } from "./hashing.mjs";

export const Point = ristretto255.Point;

export function decodeElement(bytes) {
  if (bytes.length !== 32) throw new Error("element: not 32 bytes");
  return Point.fromBytes(bytes);
}

export function decodeScalar(bytes) {
  const number = littleEndian(bytes);
  if (bytes.length !== 32 || number >= ORDER) throw new Error("scalar: not 32 bytes below the order");
  return number;
}
