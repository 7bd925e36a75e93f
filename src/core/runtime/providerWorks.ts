// Whether an execution provider really runs here: it has to load a one-node model and multiply with it.
import { InferenceSession, listSupportedBackends, reasonOf, Tensor } from './native.ts';
import type { ProviderName } from './providerNames.ts';
import { encodeTinyModel } from './tinyModel.ts';
import { inEnglish, said, type Said } from '../../shared/said.ts';

/** What a probe found. */
export type ProviderVerdict = { usable: true } | { usable: false; reason: string; said: Said };

const verdicts = new Map<ProviderName, Promise<ProviderVerdict>>();

/** Tries the provider once per process; the reason, without a full stop, says why it can't be used. */
export function providerWorks(name: ProviderName): Promise<ProviderVerdict> {
  const known = verdicts.get(name) ?? probe(name);
  verdicts.set(name, known);
  return known;
}

/** Whether this build of the runtime knows the provider at all. */
export function isListed(name: ProviderName): boolean {
  return listSupportedBackends().some((backend) => backend.name === name);
}

async function probe(name: ProviderName): Promise<ProviderVerdict> {
  if (!isListed(name)) return notUsable(said('provider.absent', { platform: process.platform, arch: process.arch }));
  try {
    const sum = await multiply(name);
    return sum === 11 ? { usable: true } : notUsable(said('provider.wrong', { sum: String(sum) }));
  } catch (error) {
    return whyNotStarted(reasonOf(error));
  }
}

const notUsable = (sentence: Said): ProviderVerdict => ({
  usable: false,
  reason: inEnglish(sentence),
  said: sentence,
});

/** The runtime's own words stay for logs; what people can do something about is said by key. */
function whyNotStarted(reason: string): ProviderVerdict {
  const library = /(lib[\w.+-]+\.so[\w.]*|[\w.+-]+\.dll)/i.exec(/error: (.*)$/.exec(reason)?.[1] ?? '')?.[1];
  if (library !== undefined) return { usable: false, reason, said: said('provider.library', { library }) };
  if (/no (CUDA-capable )?device|no adapters? |adapter|enumerate/i.test(reason))
    return { usable: false, reason, said: said('provider.noDevice', {}) };
  return { usable: false, reason, said: said('provider.failed', { detail: reason }) };
}

async function multiply(name: ProviderName): Promise<number | undefined> {
  const model = encodeTinyModel({ op: 'MatMul', inputs: { a: [1, 2], b: [2, 1] }, output: [1, 1] });
  const session = await InferenceSession.create(model, { executionProviders: [name], logSeverityLevel: 4 });
  try {
    const a = new Tensor('float32', Float32Array.of(1, 2), [1, 2]);
    const b = new Tensor('float32', Float32Array.of(3, 4), [2, 1]);
    const { y } = await session.run({ a, b });
    return (y?.data as Float32Array | undefined)?.[0];
  } finally {
    await session.release();
  }
}
