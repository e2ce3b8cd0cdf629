// Entries, fields and the merging rule, from records.md and protocol.md alone.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

import { digest } from "./hashing.mjs";
import { decodeCanonical, fromBase64url, jcs } from "./jcs.mjs";

const MAX_ENTRY = 65535;

const RANGES = [
  [0x20, 0x7e], [0xa0, 0xac], [0xae, 0x24f], [0x400, 0x482], [0x48a, 0x52f], [0x2010, 0x2015], [0x2018, 0x201f],
  [0x2026, 0x2026], [0x2030, 0x2030], [0x2039, 0x203a], [0x20a0, 0x20c0], [0x2116, 0x2116],
];

/** Whether a string may stand in a field of this kind. Spec: records.md §1.2 to §1.4 */
export function fits(kind, text) {
  if (kind === "identifier") return /^[a-z0-9][a-z0-9-]{0,63}$/.test(text);
  if (kind === "text") {
    const codes = [...text].map((character) => character.codePointAt(0));
    const spaced = [codes.at(0), codes.at(-1)].some((code) => code === 0x20 || code === 0xa0);
    const plain = codes.every((code) => RANGES.some(([first, last]) => first <= code && code <= last));
    return 1 <= codes.length && codes.length <= 1000 && plain && !spaced;
  }
  if (kind === "bytes32") {
    try {
      return fromBase64url(text).length === 32;
    } catch {
      return false;
    }
  }
  throw new Error(`no such kind: ${kind}`);
}

/** An entry taken apart; everything about its form is checked that needs no table of fields. Spec: records.md §1.9 */
export function decodeEntry(entry) {
  if (entry.length < 1 || entry.length > MAX_ENTRY) throw new Error("entry: size");
  const count = entry.at(-1);
  const size = entry.length - 1 - 36 * count;
  if (size < 0) throw new Error("entry: too short for its count");
  const view = new DataView(entry.buffer, entry.byteOffset);
  const addenda = Array.from({ length: count }, (_, place) => {
    const offset = view.getUint32(size + 32 * count + 4 * place);
    if (offset !== size + 32 * place) throw new Error("entry: offset");
    return bytesToHex(entry.subarray(offset, offset + 32));
  });
  const record = decodeCanonical(entry.subarray(0, size));
  if (Object.keys(record).sort().join() !== "body,signatures,type") throw new Error("envelope: fields");
  const named = references(record.body).map((reference) => bytesToHex(fromBase64url(reference.sha256)));
  if (named.join() !== addenda.join()) throw new Error("entry: addenda are not those that the body names");
  if (record.type !== "roll" && count > 0 && inlineSize(record, size) <= MAX_ENTRY) throw new Error("bulk: fits inline");
  return { ...record, addenda };
}

/** The names of addenda anywhere in a body, in the order of the canonical form. */
function references(value) {
  if (value === null || typeof value !== "object") return [];
  if (Object.keys(value).sort().join() === "sha256,size") return [value];
  if (Array.isArray(value)) return value.flatMap(references);
  return Object.keys(value).sort().flatMap((key) => references(value[key]));
}

function inlineSize(record, size) {
  const grown = references(record.body).map(
    (reference) => 2 + Math.ceil((4 * reference.size) / 3) - utf8ToBytes(jcs(reference)).length,
  );
  return grown.reduce((sum, difference) => sum + difference, size + 1);
}

export const leafHash = (entry) => sha256(concatBytes(Uint8Array.of(0), entry));

export const bodyBytes = (record) => utf8ToBytes(jcs(record.body));

export const manifestDigest = (record) => sha256(bodyBytes(record));

export const ballotDigest = (record) => digest("evote/v1/ballot-digest", bodyBytes(record));

/** What the signatures of a record stand over. Spec: protocol.md §1.9 */
export function signedMessage(record, manifest) {
  return digest("evote/v1/sign", utf8ToBytes(record.type), manifest, bodyBytes(record));
}

/** The rows of one addendum of the roll, as bytes. Spec: records.md §2.5 */
export function rollRows(addendum) {
  const rows = [];
  for (let at = 0; at < addendum.length; ) {
    const end = at + 2 + addendum[at] * 256 + addendum[at + 1];
    if (!(end <= addendum.length)) throw new Error("roll: a row is cut short");
    rows.push(addendum.subarray(at + 2, end));
    at = end;
  }
  return rows;
}

/** Root of the RFC 6962 tree, by the recursive definition. */
export function treeRoot(leaves) {
  if (leaves.length === 0) return sha256(new Uint8Array());
  if (leaves.length === 1) return leafHash(leaves[0]);
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  const [left, right] = [treeRoot(leaves.slice(0, split)), treeRoot(leaves.slice(split))];
  return sha256(concatBytes(Uint8Array.of(1), left, right));
}

/** {groups, withheld} of protocol.md §5.2; units as [id, parent] and sizes by id. */
export function merge(units, sizes, floor) {
  const parents = new Map(units);
  const line = (node) => (node === null ? [] : [node, ...line(parents.get(node))]);
  const id = (group) => group.members[0];
  const lower = (left, right) => (left < right ? -1 : Number(left > right));
  let groups = Object.entries(sizes)
    .filter(([, size]) => size > 0)
    .map(([unit, size]) => ({ node: unit, members: [unit], size }));
  const sorted = (list) => [...list].sort((a, b) => lower(id(a), id(b)));
  for (;;) {
    const [taken] = groups
      .filter((group) => group.size < floor)
      .sort((a, b) => line(b.node).length - line(a.node).length || a.size - b.size || lower(id(a), id(b)));
    if (taken === undefined) return { groups: sorted(groups), withheld: [] };
    const rest = groups.filter((group) => group !== taken);
    const [other] = rest
      .filter((group) => line(group.node).includes(taken.node))
      .sort((a, b) => a.size - b.size || lower(id(a), id(b)));
    if (other !== undefined) {
      const members = [...taken.members, ...other.members].sort();
      groups = [...rest.filter((group) => group !== other), { node: taken.node, members, size: taken.size + other.size }];
    } else if (parents.get(taken.node) !== null) {
      groups = [...rest, { ...taken, node: parents.get(taken.node) }];
    } else {
      return { groups: sorted(rest), withheld: [taken] };
    }
  }
}
