// The vectors of records, read by code that shares nothing with the project's.

import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import test from "node:test";

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

import { decodeCanonical, fromBase64url, jcs } from "../lib/jcs.mjs";
import {
  ballotDigest, decodeEntry, fits, leafHash, manifestDigest, merge, rollRows, signedMessage, treeRoot,
} from "../lib/records.mjs";
import { vectors } from "../vectors.mjs";

const ENTRIES = vectors("records-entry");
const MANIFEST = decodeEntry(hexToBytes(ENTRIES.find((item) => item.id === "manifest").input.entry));

for (const item of vectors("records-canonical")) {
  test(`canonical form: ${item.id}`, () => {
    const content = hexToBytes(item.input.content);
    if (item.expect === "ok") decodeCanonical(content);
    else assert.throws(() => decodeCanonical(content));
  });
}

for (const item of vectors("records-fields")) {
  test(`field: ${item.id}`, () => {
    assert.equal(fits(item.input.kind, item.input.text), item.expect === "ok");
  });
}

for (const item of ENTRIES) {
  test(`entry: ${item.id}`, () => {
    const entry = hexToBytes(item.input.entry);
    const record = decodeEntry(entry);
    const { intermediate } = item;
    assert.equal(record.type, item.input.type);
    assert.equal(bytesToHex(leafHash(entry)), intermediate.leaf_hash);
    assert.deepEqual(record.addenda, intermediate.addenda);
    const message = signedMessage(record, hexToBytes(item.input.manifest_digest));
    assert.equal(bytesToHex(message), intermediate.message);
    for (const { key, signature } of record.signatures) {
      const jwk = { kty: "OKP", crv: "Ed25519", x: key };
      assert.ok(verify(null, message, createPublicKey({ key: jwk, format: "jwk" }), fromBase64url(signature)));
    }
  });
}

test("manifest digest", () => {
  const item = ENTRIES.find((each) => each.id === "manifest");
  assert.equal(bytesToHex(manifestDigest(MANIFEST)), item.intermediate.manifest_digest);
  assert.equal(item.input.manifest_digest, item.intermediate.manifest_digest);
});

test("ballot digests, inline and in addenda", () => {
  const ballots = ENTRIES.filter((item) => item.input.type === "ballot");
  assert.ok(ballots.length >= 3);
  for (const item of ballots) {
    const record = decodeEntry(hexToBytes(item.input.entry));
    assert.equal(bytesToHex(ballotDigest(record)), item.intermediate.ballot_digest);
  }
});

test("the roll's rows lead to its root", () => {
  const item = ENTRIES.find((each) => each.id === "roll");
  const record = decodeEntry(hexToBytes(item.input.entry));
  const rows = record.addenda.flatMap((name) => {
    const addendum = hexToBytes(item.input.addenda[name]);
    assert.equal(bytesToHex(sha256(addendum)), name);
    return rollRows(addendum);
  });
  rows.forEach(decodeCanonical);
  assert.equal(rows.length, record.body.length);
  assert.equal(bytesToHex(treeRoot(rows)), item.intermediate.roll_root);
  assert.equal(Buffer.from(treeRoot(rows)).toString("base64url"), record.body.root);
});

for (const item of vectors("records-merging")) {
  test(`merging: ${item.id}`, () => {
    const { units, sizes, min_unit_size: floor } = item.input;
    assert.deepEqual(merge(units, sizes, floor), { groups: item.groups, withheld: item.withheld });
  });
}

for (const item of vectors("records-manifest")) {
  test(`manifest changes apply: ${item.id}`, () => {
    const body = structuredClone(MANIFEST.body);
    for (const { path, value } of item.input.changes) {
      const last = path.at(-1);
      const place = path.slice(0, -1).reduce((inside, step) => inside[step], body);
      assert.ok(Number.isInteger(last) ? last < place.length : typeof place === "object");
      place[last] = value;
    }
    if (item.expect === "ok") decodeCanonical(new TextEncoder().encode(jcs(body)));
    else if (!/negative/.test(item.id)) assert.notEqual(jcs(body), jcs(MANIFEST.body));
  });
}

for (const item of vectors("records-opening")) {
  test(`opening: ${item.id}`, () => {
    const opening = decodeCanonical(new TextEncoder().encode(item.input.text));
    const good =
      opening.version === "evote/v1" &&
      fits("bytes32", opening.seed) &&
      fits("bytes32", opening.credential) &&
      /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){5}$/.test(opening.tracking_code);
    assert.equal(good, item.expect === "ok");
  });
}
