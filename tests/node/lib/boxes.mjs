// Boxes of protocol.md §2.4: X25519, then XSalsa20-Poly1305 under HSalsa20 of the shared secret, nonce zero.

import { hsalsa, xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

import { littleEndian } from "./hashing.mjs";

const FIELD_PRIME = 2n ** 255n - 19n;

const words = (bytes) => new Uint32Array(bytes.slice().buffer);

/** Throws unless the key is below p and not of small order. */
export function requireBoxKey(publicKey) {
  if (publicKey.length !== 32 || littleEndian(publicKey) >= FIELD_PRIME) throw new Error("box key: not canonical");
  x25519.scalarMult(new Uint8Array(32), publicKey); // throws when 2^254·key is zero
}

function cipher(secretKey, publicKey) {
  requireBoxKey(publicKey);
  const key = new Uint32Array(8);
  const shared = x25519.scalarMult(secretKey, publicKey);
  hsalsa(words(utf8ToBytes("expand 32-byte k")), words(shared), new Uint32Array(4), key);
  return xsalsa20poly1305(new Uint8Array(key.buffer), new Uint8Array(24));
}

export const sealShare = (plaintext, recipientPublic, ephemeralSecret) =>
  cipher(ephemeralSecret, recipientPublic).encrypt(plaintext);

export const openWithRecipient = (box, ephemeralPublic, recipientSecret) =>
  cipher(recipientSecret, ephemeralPublic).decrypt(box);

export function openWithEphemeral(box, ephemeralPublic, ephemeralSecret, recipientPublic) {
  requireBoxKey(ephemeralPublic);
  if (bytesToHex(x25519.getPublicKey(ephemeralSecret)) !== bytesToHex(ephemeralPublic)) {
    throw new Error("box: the secret is not that of the posted key");
  }
  return cipher(ephemeralSecret, recipientPublic).decrypt(box);
}
