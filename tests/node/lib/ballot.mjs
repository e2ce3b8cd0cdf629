// The ballot of protocol.md §3: encryption, tracking code, opening, and both sides of the proof.

import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

import { codeOfDigest } from "./crockford.mjs";
import { Point, decodeElement, decodeScalar } from "./group.mjs";
import { ORDER, digest, le64, scalarOf } from "./hashing.mjs";

const B = Point.BASE;
const IDENTITY_HEX = "00".repeat(32);

/** The ballot cannot be read: refused before any equation is looked at. */
export class Malformed extends Error {}

const modulo = (number) => ((number % ORDER) + ORDER) % ORDER;

export const hash = (name, ...parts) => digest(`evote/v1/${name}`, ...parts);

export const hashScalar = (name, ...parts) => scalarOf(hash(name, ...parts));

export function times(number, point) {
  const reduced = modulo(number);
  return reduced === 0n ? Point.ZERO : point.multiplyUnsafe(reduced);
}

export const sum = (points) => points.reduce((left, right) => left.add(right), Point.ZERO);

const sumScalars = (numbers) => modulo(numbers.reduce((left, right) => left + right, 0n));

/** 32 bytes, little-endian. */
export function scalarBytes(number) {
  return Uint8Array.from({ length: 32 }, (_, place) => Number((number >> BigInt(8 * place)) & 255n));
}

export function pieces(bytes) {
  if (bytes.length % 32 !== 0) throw new Malformed("not a whole number of items");
  return Array.from({ length: bytes.length / 32 }, (_, place) => bytes.subarray(32 * place, 32 * place + 32));
}

function refuseAsMalformed(read) {
  try {
    return read();
  } catch (error) {
    throw new Malformed(error.message);
  }
}

/** Every option of the ballot with its contest, numbered through. */
export function optionsOf(shape) {
  return shape.contests.flatMap((contest, number) => contest.options.map((option) => ({ contest, number, ...option })));
}

function branchesOf(contest) {
  return Array.from({ length: contest.maximum - contest.minimum + 1 }, (_, place) => contest.minimum + place);
}

/** §3.7: whether selections are bits whose weighted sums are within bounds. */
export function allowed(shape, selections) {
  const options = optionsOf(shape);
  if (selections.length !== options.length || selections.some((m) => m !== 0 && m !== 1)) return false;
  return shape.contests.every((contest, number) => {
    const total = options.reduce((left, o, j) => left + (o.number === number ? o.weight * selections[j] : 0), 0);
    return contest.minimum <= total && total <= contest.maximum;
  });
}

// Encryption.

/** Enc(m; r) of §3. */
export function encrypt(h, m, r) {
  return [times(r, B), times(r, h).add(times(m, B))];
}

/** §3.1 */
export function newSeed(secret, randomness) {
  return hash("seed", secret, randomness).subarray(0, 32);
}

/** §3.2: r_j of every option. */
export function noncesOf(seed, { shape, context, credential }) {
  return optionsOf(shape).map(({ contest, option_id }) =>
    hashScalar("nonce", seed, context, credential, utf8ToBytes(contest.contest_id), utf8ToBytes(option_id)),
  );
}

export function packCiphertexts(h, selections, nonces) {
  const halves = selections.flatMap((m, j) => encrypt(h, BigInt(m), nonces[j]));
  return concatBytes(...halves.map((half) => half.toBytes()));
}

/** §3.12 */
export function trackingCode({ context, shape, credential, ciphertexts }) {
  return codeOfDigest(hash("tracking", context, utf8ToBytes(shape.style_id), credential, ciphertexts));
}

/** §7.1: the selections that the seed shows. */
export function openBallot({ shape, key, context, credential, seed, ciphertexts, code }) {
  const halves = pieces(ciphertexts);
  const nonces = noncesOf(seed, { shape, context, credential });
  if (halves.length !== 2 * nonces.length) throw new Malformed("another number of ciphertexts");
  const h = decodeElement(key);
  const selections = nonces.map((r, j) => {
    const [pad, data] = [decodeElement(halves[2 * j]), decodeElement(halves[2 * j + 1])];
    if (!pad.equals(times(r, B))) throw new Error(`opening: pad ${j}`);
    const message = data.subtract(times(r, h));
    if (message.equals(Point.ZERO)) return 0;
    if (message.equals(B)) return 1;
    throw new Error(`opening: selection ${j}`);
  });
  if (trackingCode({ context, shape, credential, ciphertexts }) !== code) throw new Error("opening: code");
  return selections;
}

// What is proved.

/** The parts that begin every hash over the statement: §3.4, §3.8, §3.10. */
const hashed = ({ context, shape, credential, previous, ciphertexts }) => [
  context,
  utf8ToBytes(shape.style_id),
  credential,
  previous,
  ciphertexts,
];

/** §3.4 */
export function weightsOf(statement) {
  const W = hash("weights", ...hashed(statement));
  return { W, weights: optionsOf(statement.shape).map((_, j) => hashScalar("weight", W, le64(j))) };
}

/** §3.8 */
export function challengeOf(statement, commitments) {
  return hashScalar("ballot", ...hashed(statement), commitments);
}

// The verifier.

/** §3.9, §3.14: everything decoded, or Malformed. */
function read(statement, packed) {
  const { shape } = statement;
  const n = optionsOf(shape).length;
  const branches = shape.contests.map(branchesOf);
  const count = branches.flat().length;
  const border = 1 + 2 * n + 2 + 2 * count;
  const items = pieces(packed);
  if (items.length !== border + (count - shape.contests.length) + 1 + 2 * n + 1 + count) {
    throw new Malformed("another length of proof");
  }
  const halves = pieces(statement.ciphertexts);
  if (halves.length !== 2 * n) throw new Malformed("another number of ciphertexts");
  const pads = halves.filter((_, place) => place % 2 === 0).map(bytesToHex);
  if (pads.includes(IDENTITY_HEX) || new Set(pads).size !== n) throw new Malformed("pads");
  if ([statement.credential, statement.key].map(bytesToHex).includes(IDENTITY_HEX)) throw new Malformed("identity");
  return refuseAsMalformed(() => ({
    h: decodeElement(statement.key),
    S: decodeElement(statement.credential),
    ciphertexts: halves.map(decodeElement),
    commitments: items.slice(0, border).map(decodeElement),
    scalars: items.slice(border).map(decodeScalar),
    e: challengeOf(statement, concatBytes(...items.slice(0, border))),
    branches,
    n,
  }));
}

/** e_v of every contest and branch: §3.9. */
export function branchChallenges(shape, free, e) {
  let start = 0;
  return shape.contests.map((contest) => {
    const others = free.slice(start, (start += branchesOf(contest).length - 1));
    return [modulo(e - sumScalars(others)), ...others];
  });
}

/** The first equation of §3.5 to §3.7 that does not hold, or null. */
export function firstFailure(statement, packed) {
  const { shape } = statement;
  const { h, S, ciphertexts: c, commitments, scalars, e, branches, n } = read(statement, packed);
  const { weights: w } = weightsOf(statement);
  const commitment = commitments.values();
  const scalar = scalars.values();
  const next = (iterator) => iterator.next().value;
  const free = Array.from({ length: branches.flat().length - shape.contests.length }, () => next(scalar));

  const z = next(scalar);
  if (!times(z, B).equals(next(commitment).add(times(e, S)))) return "credential";

  const f = [];
  for (let j = 0; j < n; j += 1) {
    f.push(next(scalar));
    const y = next(scalar);
    const [pad, data] = encrypt(h, f[j], y);
    if (!times(e, c[2 * j]).add(next(commitment)).equals(pad)) return `selection ${j} pad`;
    if (!times(e, c[2 * j + 1]).add(next(commitment)).equals(data)) return `selection ${j} data`;
  }

  const u = next(scalar);
  for (const [half, base, place] of [["pad", B, 0], ["data", h, 1]]) {
    const masked = sum(w.map((weight, j) => times(weight * (e - f[j]), c[2 * j + place])));
    if (!masked.add(next(commitment)).equals(times(u, base))) return `product ${half}`;
  }

  const challenges = branchChallenges(shape, free, e);
  const options = optionsOf(shape);
  for (const [number, values] of branches.entries()) {
    const weighted = (place) =>
      sum(options.map((o, j) => (o.number === number ? times(BigInt(o.weight), c[2 * j + place]) : Point.ZERO)));
    const [P, D] = [weighted(0), weighted(1)];
    for (const [branch, v] of values.entries()) {
      const [e_v, z_v] = [challenges[number][branch], next(scalar)];
      if (!times(z_v, B).equals(next(commitment).add(times(e_v, P)))) return `sum ${number}=${v} pad`;
      const shifted = D.subtract(times(BigInt(v), B));
      if (!times(z_v, h).equals(next(commitment).add(times(e_v, shifted)))) return `sum ${number}=${v} data`;
    }
  }
  return null;
}

// The prover.

/** The packed proof of a ballot: §3.5 to §3.10. */
export function prove(statement, { secret, randomness, selections, nonces: r }) {
  const { shape } = statement;
  const h = decodeElement(statement.key);
  const draw = (label) =>
    hashScalar("proof", scalarBytes(secret), randomness, ...hashed(statement), utf8ToBytes(label));
  const m = selections.map(BigInt);
  const { weights: w } = weightsOf(statement);
  const k = draw("credential");
  const t = draw("product");
  const a = m.map((_, j) => draw(`value/${j}`));
  const s = m.map((_, j) => draw(`nonce/${j}`));
  const options = optionsOf(shape);
  const contests = shape.contests.map((contest, number) => {
    const own = (values) => sumScalars(options.map((o, j) => (o.number === number ? BigInt(o.weight) * values[j] : 0n)));
    const branches = branchesOf(contest).map((v) => ({
      v: BigInt(v),
      e: draw(`challenge/${number}/${v}`),
      k: draw(`branch/${number}/${v}`),
    }));
    return { sigma: own(m), R: own(r), branches };
  });

  const product = sumScalars(w.map((weight, j) => weight * a[j] * m[j]));
  const commitments = concatBytes(
    ...[
      times(k, B),
      ...m.flatMap((_, j) => encrypt(h, a[j], s[j])),
      ...encrypt(h, product, t),
      ...contests.flatMap(({ sigma, branches }) => branches.flatMap(({ v, e, k }) => encrypt(h, e * (v - sigma), k))),
    ].map((point) => point.toBytes()),
  );

  const e = challengeOf(statement, commitments);
  const f = m.map((_, j) => modulo(e * m[j] + a[j]));
  const answers = contests.map(({ sigma, R, branches }) => {
    const missing = e - sumScalars(branches.map((branch) => branch.e));
    return branches.map((branch) => {
      const e_v = modulo(branch.e + (branch.v === sigma ? missing : 0n));
      return { e_v, z_v: modulo(branch.k + e_v * R) };
    });
  });
  const scalars = [
    ...answers.flatMap(([, ...others]) => others.map(({ e_v }) => e_v)),
    modulo(k + e * secret),
    ...m.flatMap((_, j) => [f[j], modulo(e * r[j] + s[j])]),
    modulo(sumScalars(w.map((weight, j) => weight * modulo(e - f[j]) * r[j])) + t),
    ...answers.flat().map(({ z_v }) => z_v),
  ];
  return concatBytes(commitments, ...scalars.map(scalarBytes));
}
