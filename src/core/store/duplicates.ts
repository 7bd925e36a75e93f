// Images that are the same or look the same, and those among them that leak from one split into another.
import type { ReadDb } from './driver.ts';

/** Images that belong together. */
export interface DuplicateGroup {
  /** `exact`: same bytes. `near`: similar perceptual hashes. */
  kind: 'exact' | 'near';
  /** At least two, lowest id first. */
  images: number[];
  /** They lie in more than one split, which flatters the evaluation. */
  acrossSplits: boolean;
}

interface Hashed {
  id: number;
  split: number | null;
  phash: string;
}

/** Images with the same content. */
export function exactDuplicates(db: ReadDb): DuplicateGroup[] {
  const rows = db.all<{ ids: string; splits: number }>(
    `SELECT group_concat(id) AS ids, count(DISTINCT split) AS splits FROM image WHERE hash <> ''
     GROUP BY hash HAVING count(*) > 1 ORDER BY min(id)`,
  );
  return rows.map((r) => ({
    kind: 'exact',
    images: r.ids
      .split(',')
      .map(Number)
      .sort((a, b) => a - b),
    acrossSplits: r.splits > 1,
  }));
}

/** Bits that differ between two 32-bit words. */
function distance(a: number, b: number): number {
  let v = a ^ b;
  v -= (v >>> 1) & 0x55555555;
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return (((v + (v >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/**
 * Images whose 64-bit perceptual hashes differ in at most `maxBits` bits, joined into groups.
 * Hashes are cut into `maxBits + 1` bands: two that are so close agree in at least one, so only those are compared.
 * @param maxBits 0 to 12
 */
export function nearDuplicates(db: ReadDb, maxBits = 4): DuplicateGroup[] {
  const rows = db.all<Hashed>('SELECT id, split, phash FROM image WHERE phash IS NOT NULL ORDER BY id');
  const high = Int32Array.from(rows, (r) => parseInt(r.phash.slice(0, 8), 16));
  const low = Int32Array.from(rows, (r) => parseInt(r.phash.slice(8), 16));
  const parent = Int32Array.from(rows, (_, i) => i);
  for (const bucket of buckets(rows, maxBits + 1)) {
    for (let i = 0; i < bucket.length; i++) {
      for (let j = i + 1; j < bucket.length; j++) {
        const [a, b] = [bucket[i]!, bucket[j]!];
        if (distance(high[a]!, high[b]!) + distance(low[a]!, low[b]!) <= maxBits)
          parent[root(parent, b)] = root(parent, a);
      }
    }
  }
  return grouped(rows, parent);
}

/** Rows that agree in a band, for each band in turn. */
function* buckets(rows: readonly Hashed[], bands: number): Generator<number[]> {
  const bits = rows.map((r) => BigInt(`0x${r.phash}`));
  for (let band = 0; band < bands; band++) {
    const [from, to] = [Math.floor((band * 64) / bands), Math.floor(((band + 1) * 64) / bands)];
    const mask = (1n << BigInt(to - from)) - 1n;
    const found = new Map<bigint, number[]>();
    bits.forEach((value, i) => {
      const key = (value >> BigInt(from)) & mask;
      const bucket = found.get(key);
      if (bucket) bucket.push(i);
      else found.set(key, [i]);
    });
    for (const bucket of found.values()) if (bucket.length > 1) yield bucket;
  }
}

function root(parent: Int32Array, i: number): number {
  let at = i;
  while (parent[at] !== at) {
    parent[at] = parent[parent[at]!]!;
    at = parent[at]!;
  }
  return at;
}

function grouped(rows: readonly Hashed[], parent: Int32Array): DuplicateGroup[] {
  const groups = new Map<number, Hashed[]>();
  rows.forEach((row, i) => {
    const key = root(parent, i);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  });
  return [...groups.values()]
    .filter((members) => members.length > 1)
    .map((members) => ({
      kind: 'near',
      images: members.map((m) => m.id).sort((a, b) => a - b),
      acrossSplits: new Set(members.map((m) => m.split)).size > 1,
    }));
}
