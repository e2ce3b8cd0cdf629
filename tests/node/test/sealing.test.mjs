// Two of the files only: Argon2id over 64 MiB takes its time here.

import assert from "node:assert/strict";
import { test } from "node:test";

import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { argon2id } from "@noble/hashes/argon2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

import { littleEndian } from "../lib/hashing.mjs";
import { vectors } from "../vectors.mjs";

const MAGIC = utf8ToBytes("evote/v1/sealed-file\n");
const FIELDS = [MAGIC.length, 8, 8, 16, 24, 8];

function unseal(file, passphrase) {
  const fields = [];
  let start = 0;
  for (const size of [...FIELDS, file.length]) {
    fields.push(file.subarray(start, start + size));
    start += size;
  }
  const [magic, passes, memory, salt, nonce, length, box] = fields;
  if (bytesToHex(magic) !== bytesToHex(MAGIC)) throw new Error("sealed file: another version");
  if (littleEndian(length) !== BigInt(box.length)) throw new Error("sealed file: cut off");
  const key = argon2id(utf8ToBytes(passphrase.normalize("NFC")), salt, {
    t: Number(littleEndian(passes)),
    m: Number(littleEndian(memory)) / 1024,
    p: 1,
    dkLen: 32,
  });
  return xsalsa20poly1305(key, nonce).decrypt(box);
}

const cases = Object.fromEntries(vectors("sealed-files").map((entry) => [entry.id, entry]));

test("sealed file: good-decomposed", () => {
  const { input, output } = cases["good-decomposed"];
  assert.equal(bytesToHex(unseal(hexToBytes(input.file), input.passphrase)), output.plaintext);
});

test("sealed file: text-changed", () => {
  const { input } = cases["text-changed"];
  assert.throws(() => unseal(hexToBytes(input.file), input.passphrase), /tag|mac/i);
});
