// H and scalar() of protocol.md §1.4, from the text alone.

import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Eight bytes, little-endian. */
export function le64(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number), true);
  return bytes;
}

/** H(x; parts), with `tag` written out as evote/v1/x. */
export function digest(tag, ...parts) {
  const items = [utf8ToBytes(tag), ...parts];
  return sha512(concatBytes(...items.flatMap((item) => [le64(item.length), item])));
}

/** scalar(d): all 64 bytes, little-endian, modulo ℓ. */
export function scalarOf(digest64) {
  return littleEndian(digest64) % ORDER;
}

export function littleEndian(bytes) {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
