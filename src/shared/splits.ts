// Which split an image belongs to: by the name of a list, or by its content alone, so that adding images never moves the ones already there.
import type { Split } from './labels.ts';

/** Share of the images that go to validation and to test; the rest is for training. */
export interface SplitShares {
  val: number;
  test: number;
}

/** What is used when nobody chose: 10 % validation, 10 % test. */
export const defaultShares: SplitShares = { val: 0.1, test: 0.1 };

/**
 * The split of an image with this content.
 * @param hash SHA-256 of the file's bytes in hex: its first 48 bits, read as a fraction of 1, decide
 * @param shares fractions from 0 to 1, together at most 1; growing one share only moves images across its border
 */
export function splitByHash(hash: string, shares: SplitShares = defaultShares): Split {
  const fraction = parseInt(hash.slice(0, 12), 16) / 2 ** 48;
  if (fraction < shares.test) return 'test';
  return fraction < shares.test + shares.val ? 'val' : 'train';
}

const roles: Record<Split, RegExp> = {
  train: /^train(ing)?([-_]?\d{4})?$/i,
  val: /^(val|valid|validation|dev)([-_]?\d{4})?$/i,
  test: /^test(ing)?([-_]?\d{4})?$/i,
};

/** The part that a list or folder of this name plays: `val` for `valid`, `dev` and `val_2017`; null for one that plays none. */
export function roleOf(name: string): Split | null {
  return (Object.keys(roles) as Split[]).find((part) => roles[part].test(name)) ?? null;
}
