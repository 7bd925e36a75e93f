// Sessions: a model loaded into ONNX Runtime, run with tensors in ordinary memory. Errors name the model and the node.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import { toNative, type HostTensor } from './hostTensor.ts';
import { InferenceSession, reasonOf, type NativeOptions, type NativePort } from './native.ts';
import { makeProfile, type Profile, type ProfileTarget } from './profile.ts';
import { providerWorks } from './providerWorks.ts';
import type { ProviderName } from './providerNames.ts';
import { defaultThreads } from './threads.ts';

/** How a model is loaded; every field has a default. */
export interface SessionOptions {
  /** What messages call the model; default the file's name, or "the model" for bytes. */
  name?: string;
  /** Where it runs; operators that the provider lacks run on the CPU. Default `cpu`. */
  provider?: ProviderName;
  /** Threads of the CPU; default {@link defaultThreads}. */
  threads?: number;
  /** Plans memory ahead: half as much again for a few percent of speed at fixed shapes. Default off. */
  memoryPattern?: boolean;
  /** Records how long each node takes; read it with {@link Session.endProfile}. Default off. */
  profile?: boolean;
  /** How far the runtime may rewrite the graph. Default `all`. */
  optimise?: 'disabled' | 'basic' | 'extended' | 'all';
}

/** An input or output of a model. */
export interface Port {
  readonly name: string;
  /** Element type, as ONNX Runtime names it. */
  readonly type: string;
  /** Sizes; a string is the name of a size that is free. */
  readonly shape: readonly (number | string)[];
}

/** Which outputs to compute: names, or a tensor per name to write into (null lets the runtime allocate). */
export type Fetches = readonly string[] | Readonly<Record<string, HostTensor | null>>;

/** A loaded model. Runs block the calling thread; release it when done, its memory is not the garbage collector's. */
export interface Session {
  readonly name: string;
  readonly provider: ProviderName;
  readonly threads: number;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /**
   * Runs the model once. Feeds and fetches are not copied; a fetch may be the very array that is fed, where nothing reads it later.
   * @throws runtime-failed naming the model and, where the runtime tells, the node
   */
  run(feeds: Readonly<Record<string, HostTensor>>, fetches?: Fetches): Promise<Record<string, HostTensor>>;
  /** Ends recording and sums up by operator. @throws argument-invalid when the session was made without `profile` */
  endProfile(): Promise<Profile>;
  /** Frees the model's memory. Calling it again does nothing. */
  release(): Promise<void>;
}

/**
 * Loads a model.
 * @param model serialised ONNX model, or the path of one
 * @throws file-missing, file-permission; model-invalid naming the file; provider-unavailable when the provider itself can't run
 */
export async function createSession(model: Uint8Array | string, options: SessionOptions = {}): Promise<Session> {
  const name = options.name ?? (typeof model === 'string' ? path.basename(model) : 'the model');
  const { provider = 'cpu', threads = defaultThreads() } = options;
  if (typeof model === 'string') await mustBeFile(model);
  const profile = options.profile ? await makeProfile() : null;
  try {
    const native = await load(model, nativeOptions({ ...options, provider, threads }, profile));
    return new LoadedSession(native, { name, provider, threads, profile });
  } catch (error) {
    await profile?.discard();
    throw await whyNotLoaded(error, typeof model === 'string' ? model : name, provider);
  }
}

function load(model: Uint8Array | string, options: NativeOptions): Promise<InferenceSession> {
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options);
}

async function mustBeFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    throw fromFileError(error, file);
  });
  if (!found.isFile())
    throw new StudioError('model-invalid', `${file} is not a file. Give the path of an ONNX model (.onnx).`);
}

type Decided = SessionOptions & { provider: ProviderName; threads: number };

function nativeOptions(options: Decided, profile: ProfileTarget | null): NativeOptions {
  return {
    executionProviders: options.provider === 'cpu' ? ['cpu'] : [options.provider, 'cpu'],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: options.optimise ?? 'all',
    enableMemPattern: options.memoryPattern ?? false,
    logSeverityLevel: 4,
    // Idle sessions that spin steal the cores of the one that works: 430 GFLOPS fall to 40.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...(profile && { enableProfiling: true, profileFilePrefix: profile.prefix }),
  };
}

/** A model that doesn't load on a provider which loads no model at all is not the model's fault. */
async function whyNotLoaded(error: unknown, model: string, provider: ProviderName): Promise<StudioError> {
  const reason = reasonOf(error);
  const verdict = provider === 'cpu' ? null : await providerWorks(provider);
  if (verdict?.usable === false)
    return new StudioError(
      'provider-unavailable',
      `The execution provider "${provider}" can't run here: ${verdict.reason}. Choose "cpu", or install what it needs.`,
      error,
      said('provider.cannot', { provider, reason: verdict.said }),
    );
  return new StudioError(
    'model-invalid',
    `${model} can't be loaded as an ONNX model: ${reason}. Choose a model that this program exported or another valid .onnx file.`,
    error,
    said('model.notOnnx', { model }),
  );
}

interface Facts {
  name: string;
  provider: ProviderName;
  threads: number;
  profile: ProfileTarget | null;
}

class LoadedSession implements Session {
  readonly name: string;
  readonly provider: ProviderName;
  readonly threads: number;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly #native: InferenceSession;
  readonly #profile: ProfileTarget | null;
  readonly #inputNames: ReadonlySet<string>;
  readonly #outputNames: ReadonlySet<string>;
  #released = false;

  constructor(native: InferenceSession, { name, provider, threads, profile }: Facts) {
    this.name = name;
    this.provider = provider;
    this.threads = threads;
    this.inputs = native.inputMetadata.map(toPort);
    this.outputs = native.outputMetadata.map(toPort);
    this.#native = native;
    this.#profile = profile;
    this.#inputNames = new Set(native.inputNames);
    this.#outputNames = new Set(native.outputNames);
  }

  async run(feeds: Readonly<Record<string, HostTensor>>, fetches?: Fetches): Promise<Record<string, HostTensor>> {
    if (this.#released)
      throw new StudioError('runtime-failed', `${this.name} was run after its release. Load it again first.`);
    this.#mustKnow(feeds, fetches);
    try {
      const input = mapValues(feeds, toNative);
      const results = await (fetches === undefined
        ? this.#native.run(input)
        : this.#native.run(input, isNames(fetches) ? fetches : mapValues(fetches, (t) => t && toNative(t))));
      return results as unknown as Record<string, HostTensor>;
    } catch (error) {
      const detail = reasonOf(error);
      const by = said('runtime.failed', { model: this.name, detail });
      throw new StudioError('runtime-failed', failure(this.name, detail), error, by);
    }
  }

  /** The runtime ignores unknown names and takes an empty list of fetches for options: both are refused here. */
  #mustKnow(feeds: Readonly<Record<string, HostTensor>>, fetches: Fetches | undefined): void {
    mustBeKnown(this.name, 'input', Object.keys(feeds), this.#inputNames);
    for (const name of this.#inputNames)
      if (!(name in feeds)) throw new StudioError('runtime-failed', `${this.name} needs its input "${name}"; feed it.`);
    if (fetches === undefined) return;
    const names = isNames(fetches) ? fetches : Object.keys(fetches);
    if (names.length === 0)
      throw new StudioError('runtime-failed', `${this.name} was asked for no output; name at least one.`);
    mustBeKnown(this.name, 'output', names, this.#outputNames);
  }

  async endProfile(): Promise<Profile> {
    if (!this.#profile)
      throw new StudioError(
        'argument-invalid',
        `${this.name} was loaded without "profile"; load it with it to measure.`,
      );
    this.#native.endProfiling();
    return this.#profile.read();
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.#native.release();
    await this.#profile?.discard();
  }
}

function isNames(fetches: Fetches): fetches is readonly string[] {
  return Array.isArray(fetches);
}

function mustBeKnown(model: string, kind: string, names: readonly string[], known: ReadonlySet<string>): void {
  const unknown = names.find((n) => !known.has(n));
  if (unknown !== undefined)
    throw new StudioError('runtime-failed', `${model} has no ${kind} "${unknown}"; it has ${[...known].join(', ')}.`);
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function toPort(meta: NativePort): Port {
  return meta.isTensor
    ? { name: meta.name, type: meta.type, shape: meta.shape }
    : { name: meta.name, type: 'not a tensor', shape: [] };
}

/** The runtime tells the node inside a long sentence; a person wants it first. */
function failure(model: string, reason: string): string {
  const node = /running (\S+) node\. Name:'([^']*)' Status Message: (.*)$/.exec(reason);
  const place = node ? ` at node "${node[2]!}" (${node[1]!})` : '';
  return `ONNX Runtime failed in ${model}${place}: ${node?.[3] ?? reason}. Check the shapes that are fed and the free memory.`;
}
