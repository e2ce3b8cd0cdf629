// The vectors under tests/vectors: JSON, one case per file, the same for every implementation.

import { readFileSync, readdirSync } from "node:fs";

const ROOT = new URL("../vectors/", import.meta.url);

/** All cases of one folder, each with the name of its file as `id`. */
export function vectors(algorithm) {
  const folder = new URL(`${algorithm}/`, ROOT);
  const names = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
  if (names.length === 0) throw new Error(`no vectors for ${algorithm}: a moved folder must not look like a pass`);
  return names.map((name) => ({
    id: name.slice(0, -".json".length),
    ...JSON.parse(readFileSync(new URL(name, folder), "utf8")),
  }));
}
