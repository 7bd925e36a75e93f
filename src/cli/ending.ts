// How a command can end, and what commands share.

/** Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 done but some files failed, 130 interrupted. */
export const exitCodes = { done: 0, failed: 1, usage: 2, partial: 3, interrupted: 130 } as const;

/** How a command ends when it doesn't throw. */
export type Ending = (typeof exitCodes)[keyof typeof exitCodes];

/** The signal of Ctrl+C, and where a command says how it ended. */
export interface Session {
  signal: AbortSignal;
  end: (code: Ending) => void;
}
