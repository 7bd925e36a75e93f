// Sentences of the host that the interface says in its own language: a closed list of keys, each with the values that its sentence needs.
// A sentence that is not here comes in English only, and is shown as it is.

/** Places of each sentence; the catalogues of the interface have one entry each, `said.<key>`. */
export const saidPlaces = {
  'file.missing': ['file'],
  'file.notFolder': ['file'],
  'file.denied': ['file'],
  'file.readOnlyDisk': ['file'],
  'file.isFolder': ['file'],
  'disk.full': ['file'],
  'disk.quota': ['file'],
  'path.notChosen': ['file'],
  'path.outsideRoots': ['file', 'roots'],
  'folder.notEmpty': ['folder', 'count'],
  'project.notOpen': [],
  'project.heldBy': ['file', 'pid', 'host', 'since'],
  'image.gone': ['image'],
  'model.gone': ['model'],
  'model.wrongClasses': ['classes', 'known'],
  'job.gone': [],
  'job.running': [],
  'run.finished': ['name'],
  'run.training': ['name'],
  'evaluation.gone': [],
  'evaluation.noImages': ['split'],
  'worker.stopped': ['process', 'reason'],
  'worker.silent': ['process', 'seconds'],
  'connection.lost': [],
  'ready.noClasses': [],
  'ready.noLabels': [],
  'ready.classEmpty': ['name'],
  'ready.classFew': ['name', 'count', 'least'],
  'ready.fewImages': ['count'],
  'ready.noValidation': [],
  'ready.duplicates': [],
} as const satisfies Record<string, readonly string[]>;

/** Key of a sentence. */
export type SaidKey = keyof typeof saidPlaces;

/** All keys. */
export const saidKeys = Object.keys(saidPlaces) as [SaidKey, ...SaidKey[]];

/** A sentence by key, with its values. */
export interface Said {
  key: SaidKey;
  values: Record<string, string | number>;
}

/** Makes a {@link Said}; the compiler asks for exactly its values. */
export const said = <K extends SaidKey>(
  key: K,
  values: Record<(typeof saidPlaces)[K][number], string | number>,
): Said => ({ key, values });

/** A value from elsewhere as a {@link Said}; `null` for what is none, such as a key of a newer version. */
export function toSaid(value: unknown): Said | null {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('values' in value)) return null;
  const { key, values } = value;
  if (typeof key !== 'string' || !(key in saidPlaces) || typeof values !== 'object' || values === null) return null;
  return { key: key as SaidKey, values: values as Said['values'] };
}
