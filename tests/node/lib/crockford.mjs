// Codes that people type, of protocol.md §2.9 and §3.12, from the text alone.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The value of one typed character, by the folding rules; undefined for what is no symbol. */
function valueOf(character) {
  if (/^[a-z]$/.test(character)) character = String.fromCharCode(character.charCodeAt(0) - 32);
  if (character === "I" || character === "L") character = "1";
  if (character === "O") character = "0";
  const value = ALPHABET.indexOf(character);
  return value < 0 ? undefined : BigInt(value);
}

function readSymbols(text, length) {
  const kept = [...text].filter((character) => character !== " " && character !== "-");
  if (kept.length !== length) throw new Error(`code: ${kept.length} symbols where ${length} are due`);
  return kept.reduce((number, character) => {
    const value = valueOf(character);
    if (value === undefined) throw new Error("code: a character is no symbol");
    return number * 32n + value;
  }, 0n);
}

function writeSymbols(number, length) {
  let symbols = "";
  for (let place = 0; place < length; place += 1) {
    symbols = ALPHABET[Number(number % 32n)] + symbols;
    number /= 32n;
  }
  return symbols;
}

const grouped = (symbols) => symbols.match(/.{4}/g).join("-");

const bigEndian = (bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** §2.9: 16 bytes as seven groups. */
export function encodeCode(bits) {
  const number = bigEndian(bits);
  return grouped(writeSymbols(number, 26) + writeSymbols(number % 1021n, 2));
}

/** §2.9: the 16 bytes of a typed code. */
export function decodeCode(text) {
  const all = readSymbols(text, 28);
  const number = all / 1024n;
  if (number >= 2n ** 128n || number % 1021n !== all % 1024n) throw new Error("code: the check does not match");
  return Uint8Array.from({ length: 16 }, (_, place) => Number((number >> BigInt(8 * (15 - place))) & 255n));
}

/** §3.12: the first 120 bits of a digest as six groups. */
export function codeOfDigest(digest) {
  return grouped(writeSymbols(bigEndian(digest.subarray(0, 15)), 24));
}

/** §3.12: a typed tracking code in its one form. */
export function foldTrackingCode(text) {
  return grouped(writeSymbols(readSymbols(text, 24), 24));
}
