// Durations, percentages, sizes and moments as people read them, in the language of the interface.

/** A duration such as "4 min 10 s"; below a second "under 1 s". */
export function duration(seconds: number, language: string): string {
  const zh = language.startsWith('zh');
  if (seconds < 1) return zh ? '不到 1 秒' : 'under 1 s';
  const s = Math.round(seconds);
  const [h, m, r] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60), s % 60];
  const unit = zh ? { h: '小时', m: '分', s: '秒' } : { h: 'h', m: 'min', s: 's' };
  if (h > 0) return m > 0 ? `${h} ${unit.h} ${m} ${unit.m}` : `${h} ${unit.h}`;
  if (m >= 10 || (m > 0 && r === 0)) return `${m} ${unit.m}`;
  return m > 0 ? `${m} ${unit.m} ${r} ${unit.s}` : `${r} ${unit.s}`;
}

/** A share of 1 as "42 %" or, with a digit, "42.3 %". */
export function percent(share: number, digits = 0): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** A rate such as "12.4" or "0.38": two or three telling digits. */
export function rate(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** How long ago a moment (milliseconds since 1970) was: "3 hours ago", "yesterday". */
export function ago(at: number, now: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const seconds = (at - now) / 1000;
  for (const [unit, size] of steps) if (-seconds >= size) return format.format(Math.ceil(seconds / size), unit);
  return format.format(0, 'second');
}

const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };

/** Date and clock time, for the name of something made at that moment. */
export const dateAndTime = (at: number, language: string): string =>
  new Date(at).toLocaleString(language, { month: 'short', day: 'numeric', ...clock });

/** A moment as clock time today, or date and time. */
export function moment(at: number, language: string): string {
  const date = new Date(at);
  const today = new Date().toDateString() === date.toDateString();
  return today ? date.toLocaleString(language, clock) : dateAndTime(at, language);
}
