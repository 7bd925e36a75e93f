// A detection that is killed at any moment and called again ends with the very files of one that was left alone.
// A few kills by default, the 70 of the first count with TTFNET_LONG=1.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCli } from '../support/cli.ts';
import { drawPictures, outputs, tinyRun } from '../support/detections.ts';

const kills = process.env['TTFNET_LONG'] === '1' ? 70 : 6;
/** Kills of one call, before it is left to end. */
const inARow = 6;
const pictures = 40;
const formats = 'coco,voc,yolo,csv,labelme,overlay';

let work: string;
let call: (out: string) => string[];
let expected: Record<string, string>;

beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'ttfnet-kill-'));
  const model = await tinyRun(work);
  const names = Array.from({ length: pictures }, (_, i) => `${i % 3 === 0 ? 'sub/' : ''}${i}.jpg`);
  const folder = await drawPictures(path.join(work, 'in'), names);
  call = (out) => [
    ...['detect', folder, '--recursive', '--model', model, '--score', '0.1'],
    ...['--format', formats, '--out', path.join(work, out), '--json'],
  ];
  const whole = await startCli(call('whole')).result;
  expect(whole.code, whole.stderr).toBe(0);
  expected = await outputs(path.join(work, 'whole'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

it(`${kills} kills`, { timeout: 3_000_000 }, async () => {
  const states = Object.keys(expected).length + pictures;
  for (let run = 0, killed = 0; killed < kills; run++) {
    const out = `killed-${run}`;
    for (let i = 0; i < inARow && killed < kills; i++, killed++) {
      // Spread over the whole of a call: which state is next differs from kill to kill, and from run to run.
      const until = Math.floor((((i + 0.5 + run * 0.37) / inARow) % 1) * states);
      await killAfter(out, until);
    }
    const last = await startCli(call(out)).result;
    expect(last.code, last.stderr).toBe(0);
    const made = await outputs(path.join(work, out));
    expect(Object.keys(made).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, bytes] of Object.entries(expected)) expect(made[name], `${out}: ${name}`).toBe(bytes);
    await rm(path.join(work, out), { recursive: true });
  }
});

/** Kills a call as soon as pictures told of and files written are that many together; one that ended before is left as it is. */
async function killAfter(out: string, until: number): Promise<void> {
  const { process: child, result } = startCli(call(out));
  const state = { told: 0, ended: false };
  child.stdout!.on('data', (text: string) => (state.told += text.split('"type":"image"').length - 1));
  const end = result.then(() => (state.ended = true));
  const isEarly = async (): Promise<boolean> => state.told + (await filesIn(path.join(work, out))) < until;
  while ((await isEarly()) && !state.ended) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill('SIGKILL');
  await end;
}

async function filesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).length;
}
