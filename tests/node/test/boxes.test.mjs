import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

import { openWithEphemeral, openWithRecipient, requireBoxKey, sealShare } from "../lib/boxes.mjs";
import { vectors } from "../vectors.mjs";

for (const { id, input, output, expect } of vectors("boxes")) {
  const bytes = Object.fromEntries(Object.entries(input).map(([name, hex]) => [name, hexToBytes(hex)]));
  const openers = {
    with_recipient: () => openWithRecipient(bytes.box, bytes.ephemeral_public, bytes.recipient_secret),
    with_ephemeral: () =>
      openWithEphemeral(bytes.box, bytes.ephemeral_public, bytes.ephemeral_secret, bytes.recipient_public),
  };
  for (const [name, open] of Object.entries(openers)) {
    test(`boxes: ${id} ${name}`, () => {
      if (expect[name] === "ok") assert.equal(bytesToHex(open()), output.plaintext);
      else assert.throws(open);
    });
  }
}

test("boxes: sealing", () => {
  const { input, output } = vectors("boxes").find(({ id }) => id === "good");
  const [plaintext, recipient, secret] = [output.plaintext, input.recipient_public, input.ephemeral_secret];
  assert.equal(bytesToHex(sealShare(...[plaintext, recipient, secret].map(hexToBytes))), input.box);
});

for (const { id, input, expect } of vectors("box-keys")) {
  test(`box key: ${id}`, () => {
    const require = () => requireBoxKey(hexToBytes(input.public_key));
    if (expect === "ok") require();
    else assert.throws(require);
  });
}
