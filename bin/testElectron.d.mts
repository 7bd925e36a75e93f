// Types of testElectron.mjs, which runs without a build.

/** What is known about the machine. */
export interface Machine {
  electron: { binary: string } | { why: string };
  /** Why no window can be shown, `null` when one can. */
  display: string | null;
  /** `xvfb-run` is installed. */
  virtualDisplay: boolean;
  built: boolean;
}

/** How the specs are run on real Electron, or why they can't be. */
export function plan(machine: Machine): { command: string[]; why?: never } | { why: string; command?: never };
