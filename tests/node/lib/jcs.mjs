// The canonical form of records.md §1.1, from the text of RFC 8785 and §1.1 alone.

const MAX = 2 ** 53 - 1;

/** Canonical text of a JSON value in which every number is one of 0..2^53 − 1. */
export function jcs(value) {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "number") {
    if (!Number.isInteger(value) || value < 0 || value > MAX || Object.is(value, -0)) throw new Error("jcs: number");
    return String(value);
  }
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new Error("jcs: lone surrogate");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(jcs).join(",")}]`;
  // JavaScript compares strings by their UTF-16 units, which is the order RFC 8785 asks for.
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${jcs(key)}:${jcs(value[key])}`).join(",")}}`;
}

/** The value of which these are the canonical bytes. */
export function decodeCanonical(bytes) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const value = JSON.parse(text);
  if (jcs(value) !== text) throw new Error("not in canonical form");
  return value;
}

/** base64url without padding, in its one spelling. */
export function fromBase64url(text) {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) throw new Error("base64url: not canonical");
  return new Uint8Array(bytes);
}
