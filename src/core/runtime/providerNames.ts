// The execution providers the program offers.

/** Execution providers in order of preference; the CPU, which always works, is last. */
export const providerNames = Object.freeze(['cuda', 'coreml', 'dml', 'webgpu', 'cpu'] as const);

/** One of {@link providerNames}. */
export type ProviderName = (typeof providerNames)[number];
