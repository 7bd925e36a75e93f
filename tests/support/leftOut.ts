// Tests that this machine can't run are left out by name, each with the reason, which the summary tells.
import { describe, type TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why it is left out. */
    leftOut?: string;
  }
}

/** Options of a test or a group that is left out where `why` isn't null. */
export const unless = (why: string | null): TestOptions => (why === null ? {} : { skip: true, meta: { leftOut: why } });

/** `describe`, left out where `why` isn't null. */
export const describeUnless = (why: string | null, title: string, body: () => void): void =>
  void describe(title, unless(why), body);
