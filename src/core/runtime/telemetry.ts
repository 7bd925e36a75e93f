// Keeps ONNX Runtime from reporting to its maker. From 1.29 on its builds for Linux and macOS carry an uploader (processor, memory, a device id that
// stays, names of models and graphs, timings) that is at work unless a variable of the process's environment says otherwise before it first looks.
import { isMainThread } from 'node:worker_threads';
import { StudioError } from '../../shared/errors.ts';
import { inEnglish, said, type Said } from '../../shared/said.ts';

/** The variable; set to one of {@link offWords}, no uploader is made, nothing is sent and nothing is kept. */
export const telemetryVariable = 'ORT_DISABLE_TELEMETRY';

/** What the runtime takes for "yes, disable"; anything else leaves it on. */
const offWords = ['1', 'true', 'yes', 'on', 'y'];

/** Whether the runtime reports: `system` on Windows, where only the system's own event tracing could record what it does, and no variable matters. */
export type Telemetry = 'off' | 'on' | 'system';

/** What a process with the environment `env` lets the runtime do. */
export function telemetryIn(env: NodeJS.ProcessEnv = process.env, platform = process.platform): Telemetry {
  if (platform === 'win32') return 'system';
  return offWords.includes((env[telemetryVariable] ?? '').trim().toLowerCase()) ? 'off' : 'on';
}

/** {@link telemetryIn} for people: what it means, and what they can do about it. */
export function telemetryTold(env: NodeJS.ProcessEnv = process.env): { state: Telemetry; message: string; said: Said } {
  const state = telemetryIn(env);
  const sentences = {
    off: said('telemetry.off', {}),
    on: said('telemetry.on', { value: env[telemetryVariable] ?? '' }),
    system: said('telemetry.system', {}),
  };
  return { state, message: inEnglish(sentences[state]), said: sentences[state] };
}

/** The same environment with the uploader off; a value that a person gave stays. */
export function withoutTelemetry<E extends NodeJS.ProcessEnv>(env: E): E {
  return given(env) ? env : { ...env, [telemetryVariable]: '1' };
}

/**
 * Turns the uploader off in this process, before the runtime is loaded.
 * @throws internal in a worker thread whose environment doesn't do so already: a thread's is a copy, and what is set there the runtime never sees
 */
export function silenceTelemetry(env: NodeJS.ProcessEnv = process.env, mainThread = isMainThread): void {
  if (given(env)) return;
  if (!mainThread)
    throw new StudioError(
      'internal',
      `ONNX Runtime was loaded in a thread without ${telemetryVariable}; set it in the process.`,
    );
  env[telemetryVariable] = '1';
}

const given = (env: NodeJS.ProcessEnv): boolean => (env[telemetryVariable] ?? '').trim() !== '';
