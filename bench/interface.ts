// Benchmark of the interface against the budgets of issue 5: npm run bench -- interface [start] [pages] [large] [boxes] [gallery] [heatmap] [memory].
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { gallery } from './interfaceGallery.ts';
import type { Part, Row } from './interfacePage.ts';
import { boxes, heatmap, large, memory, pages, start } from './interfaceParts.ts';
import { World } from './interfaceWorld.ts';

const parts: Readonly<Record<string, Part>> = { start, pages, large, boxes, gallery, heatmap, memory };

interface Measured {
  at: string;
  rows: Row[];
}

const resultFile = path.join(import.meta.dirname, 'results', 'interface.json');

/** Runs the named parts (all without a name) and prints a table; parts that don't run keep the numbers and dates of their last run. */
export async function interfaceBench(args: string[]): Promise<object> {
  const all = Object.keys(parts);
  const named = all.filter((name) => args.includes(name));
  const result = earlier();
  const world = await World.make();
  try {
    for (const name of named.length > 0 ? named : all) {
      const rows = await parts[name]!(world);
      result[name] = { at: new Date().toISOString(), rows };
      if (!args.includes('--json')) console.log(rows.map(line).join('\n'));
    }
  } finally {
    await world.remove();
  }
  return { machine: `${String(cpus().length)} x ${cpus()[0]?.model ?? ''}, no GPU used`, parts: result };
}

function earlier(): Record<string, Measured> {
  if (!existsSync(resultFile)) return {};
  return (JSON.parse(readFileSync(resultFile, 'utf8')) as { parts: Record<string, Measured> }).parts;
}

const short = (value: number): string =>
  Math.abs(value) >= 1e5 ? value.toExponential(2) : value.toFixed(value < 10 ? 1 : 0);

function line({ what, value, unit, budget, n, worst }: Row): string {
  const limit = budget === null ? '' : 'most' in budget ? `< ${String(budget.most)}` : `>= ${String(budget.least)}`;
  const met = budget === null ? '' : ('most' in budget ? value < budget.most : value >= budget.least) ? 'ok' : 'MISSED';
  const told = `${short(value)} ${unit}`.padStart(15);
  return `${what.padEnd(68)}${told}  ${limit.padEnd(8)} ${met.padEnd(7)} n=${String(n)}, worst ${short(worst)}`;
}
