// Which execution providers this machine has, and which one to use.
import { StudioError } from '../../shared/errors.ts';
import { said, type Said } from '../../shared/said.ts';
import { measureMatMul } from './machine.ts';
import { providerNames, type ProviderName } from './providerNames.ts';
import { isListed, providerWorks } from './providerWorks.ts';

/** What is known about one provider after trying it. */
export interface ProviderState {
  name: ProviderName;
  /** This build of ONNX Runtime knows it. */
  listed: boolean;
  /** A model really ran on it. */
  usable: boolean;
  /** Why not, without a full stop; null when usable. */
  reason: string | null;
  /** The same by key; null when usable. */
  said: Said | null;
}

/** Tries every provider, in order of preference. The results are kept for the life of the process. */
export async function surveyProviders(): Promise<ProviderState[]> {
  const states: ProviderState[] = [];
  for (const name of providerNames) {
    const verdict = await providerWorks(name);
    states.push({
      name,
      listed: isListed(name),
      usable: verdict.usable,
      reason: verdict.usable ? null : verdict.reason,
      said: verdict.usable ? null : verdict.said,
    });
  }
  return states;
}

/** Reads a provider's name as a person wrote it, or "auto". @throws argument-invalid listing the valid names */
export function parseProvider(text: string): ProviderName | 'auto' {
  const name = [...providerNames, 'auto' as const].find((n) => n === text.trim().toLowerCase());
  if (name) return name;
  throw new StudioError(
    'argument-invalid',
    `"${text}" is not an execution provider; choose auto, ${providerNames.join(', ')}.`,
  );
}

/**
 * The provider to use. `auto` takes the first usable one that multiplies matrices faster than the CPU (a software GPU doesn't).
 * @throws provider-unavailable when a provider is asked for by name and can't run here, with the reason
 */
export async function chooseProvider(wanted: ProviderName | 'auto' = 'auto'): Promise<ProviderName> {
  if (wanted === 'auto') return fastest();
  const verdict = await providerWorks(wanted);
  if (verdict.usable) return wanted;
  throw new StudioError(
    'provider-unavailable',
    `The execution provider "${wanted}" can't run here: ${verdict.reason}. Choose "auto" or "cpu", or install what it needs.`,
    undefined,
    said('provider.cannot', { provider: wanted, reason: verdict.said }),
  );
}

async function fastest(): Promise<ProviderName> {
  for (const name of providerNames)
    if (name !== 'cpu' && (await providerWorks(name)).usable && (await beatsCpu(name))) return name;
  return 'cpu';
}

/** A software GPU needs seconds for a large product, so a small one rules it out: below 1 GFLOP/s no hardware is that slow. */
async function beatsCpu(provider: ProviderName): Promise<boolean> {
  if ((await measureMatMul({ provider, size: 256, repeats: 2 })) < 1) return false;
  const large = { size: 2048, repeats: 3 };
  return (await measureMatMul({ ...large, provider })) > (await measureMatMul(large));
}
