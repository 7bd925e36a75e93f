// Models that a detection process keeps ready: loaded once, and never let go while somebody works with them.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Detector } from '../../core/detect/detector.ts';
import { buildModel, checkpointFiles, openModel, type OpenModel } from '../../core/model/openModel.ts';
import { chooseProvider } from '../../core/runtime/providers.ts';
import { createSession, type Session } from '../../core/runtime/session.ts';
import { saying } from '../../shared/errors.ts';

/** A model that was opened; what computes with it is made when it is first asked for. */
export interface KeptModel {
  model: OpenModel;
  detector: Promise<Detector> | null;
  heads: Promise<Session> | null;
  /** How much work is under way with it. */
  users: number;
}

/** Models kept beside those at work; the one unused for longest goes first. */
const kept = 2;
const models = new Map<string, KeptModel>();

/** Works with a model, opened anew when its weights have changed; it stays until the work is done. @throws as `openModel` */
export async function withModel<T>(reference: string, work: (entry: KeptModel) => Promise<T>): Promise<T> {
  const key = `${reference}@${await stamp(reference)}`;
  const model = models.get(key)?.model ?? (await openModel(reference));
  const entry = models.get(key) ?? { model, detector: null, heads: null, users: 0 }; // another call may have opened it meanwhile
  models.delete(key);
  models.set(key, entry);
  entry.users++;
  try {
    await letGo();
    return await work(entry);
  } finally {
    entry.users--;
  }
}

/** {@link withModel} for work that detects. @throws model-invalid, provider-unavailable too */
export function withDetector<T>(
  reference: string,
  work: (detector: Detector, model: OpenModel) => Promise<T>,
): Promise<T> {
  return withModel(reference, async (entry) => work(await detectorOf(entry), entry.model));
}

/** The detector of a model at work. */
export function detectorOf(entry: KeptModel): Promise<Detector> {
  entry.detector ??= chooseProvider().then((provider) => Detector.create(entry.model, { provider }));
  entry.detector.catch(() => (entry.detector = null));
  return entry.detector;
}

/** The session of a model at work that gives the heads' planes. @throws model-invalid for an exported model */
export function headsOf(entry: KeptModel): Promise<Session> {
  const { model } = entry;
  if (model.kind !== 'weights') throw saying('model-invalid', 'model.boxesOnly', { model: model.source });
  entry.heads ??= chooseProvider().then((provider) => {
    const bytes = buildModel(model, { outputs: 'heads', input: { dtype: 'uint8', layout: 'nhwc' }, batch: 1 });
    return createSession(bytes, { provider, name: model.source });
  });
  entry.heads.catch(() => (entry.heads = null));
  return entry.heads;
}

async function letGo(): Promise<void> {
  for (const [key, { detector, heads, users }] of models) {
    if (models.size <= kept) return;
    if (users > 0) continue;
    models.delete(key);
    await (await detector)?.release();
    await (await heads)?.release();
  }
}

/** Changes when the weights behind a reference change: a run's best checkpoint gets better. */
async function stamp(reference: string): Promise<string> {
  for (const file of [
    path.join(reference, checkpointFiles.best),
    path.join(reference, checkpointFiles.last),
    reference,
  ]) {
    const info = await stat(file).catch(() => null);
    if (info) return `${info.ctimeMs} ${info.size}`; // a copy may keep the time of the file that it replaces
  }
  return ''; // the base network, which never changes
}
