// What every child process of the program gets as its environment, however it is started.
import { withoutTelemetry } from '../../core/runtime/telemetry.ts';
import type { ChildEnvironment } from './workerClient.ts';

/** This process's environment and `more`; the runtime's uploader is off in it even where this process never loads the runtime. */
export const childEnvironment = (more: ChildEnvironment): NodeJS.ProcessEnv =>
  withoutTelemetry({ ...process.env, ...more });
