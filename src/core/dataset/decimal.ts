// Exact decimal arithmetic on written numbers, for formats whose coordinates aren't ours (VOC counts from 1, YOLO divides by the size):
// in binary floating point the way there and back would change the last bits of a box.

import { maxDigits } from './limits.ts';

/** The number `digits / 10^scale`. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

const pattern = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?\s*$/;

/** Reads a decimal number exactly; null when the text is none, or longer than any number ({@link maxDigits}). */
export function parseDecimal(text: string): Decimal | null {
  if (text.length > maxDigits) return null;
  const match = pattern.exec(text);
  const [whole, fraction] = [match?.[2] ?? '', match?.[3] ?? ''];
  if (!match || whole + fraction === '') return null;
  const digits = BigInt(whole + fraction) * (match[1] === '-' ? -1n : 1n);
  const scale = fraction.length - Number(match[4] ?? 0);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** The shortest decimal that reads back as `value`, exactly. */
export function decimalOf(value: number): Decimal {
  return parseDecimal(String(value)) ?? { digits: 0n, scale: 0 };
}

/** a + factor * b. */
export function addScaled(a: Decimal, b: Decimal, factor = 1n): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: at(a, scale) + factor * at(b, scale), scale };
}

/** a * n for a whole n. */
export function times(a: Decimal, n: bigint): Decimal {
  return { digits: a.digits * n, scale: a.scale };
}

/** a / 2, exactly (one more decimal place). */
export function half(a: Decimal): Decimal {
  return { digits: a.digits * 5n, scale: a.scale + 1 };
}

/** value / divisor rounded to `scale` decimal places, halves upwards; divisor above 0. */
export function divideRounded(value: Decimal, divisor: bigint, scale: number): Decimal {
  const up = 10n ** BigInt(Math.max(0, scale - value.scale));
  const down = divisor * 10n ** BigInt(Math.max(0, value.scale - scale));
  const numerator = 2n * value.digits * up + down;
  const quotient = numerator / (2n * down);
  return { digits: numerator % (2n * down) < 0n ? quotient - 1n : quotient, scale };
}

/** Plain notation without an exponent or superfluous zeros, e.g. `-0.25`. */
export function formatDecimal(a: Decimal): string {
  const sign = a.digits < 0n ? '-' : '';
  const text = (a.digits < 0n ? -a.digits : a.digits).toString().padStart(a.scale + 1, '0');
  const whole = text.slice(0, text.length - a.scale);
  const fraction = text.slice(text.length - a.scale).replace(/0+$/, '');
  return sign + whole + (fraction === '' ? '' : `.${fraction}`);
}

/** The double nearest to the decimal. */
export function toNumber(a: Decimal): number {
  return Number(formatDecimal(a));
}

function at(a: Decimal, scale: number): bigint {
  return a.digits * 10n ** BigInt(scale - a.scale);
}
