// Collections that views don't follow, and a way for effects to follow values they only react to.

/** A map whose changes no view follows: caches and look-ups inside a state class. */
export function plainMap<K, V>(entries: Iterable<readonly [K, V]> = []): Map<K, V> {
  return new Map(entries);
}

/** A set whose changes no view follows. */
export function plainSet<T>(values: Iterable<T> = []): Set<T> {
  return new Set(values);
}

/** Things by their id. */
export function byId<T extends { id: string }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((item) => [item.id, item]));
}

/** How often each key comes. */
export function counted(keys: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Makes the effect that calls it run again when one of the values changes; their reading is all that matters. */
export function follow(..._values: readonly unknown[]): void {
  // Nothing to do: the arguments have been read.
}
