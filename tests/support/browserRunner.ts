// Vitest's runner for the projects that need a browser: without one every test is left out, by name and with the reason.
import { TestRunner, type RunnerTask, type RunnerTestFile, type VitestTestRunner } from 'vitest';
import { noBrowser } from './browser.ts';
import { noWindow } from './electron/desktop.ts';
import './leftOut.ts';

export default class BrowserRunner extends TestRunner {
  async onCollected(files: RunnerTestFile[]): Promise<void> {
    const why = this.config.name === 'desktop' ? noWindow() : noBrowser();
    if (why === null) return;
    const tasks = files.flatMap((file) => leaveOut(file, why));
    // The main process has the list already, as tests to run.
    const packs = tasks.map(({ id, result, meta }): [string, typeof result, typeof meta] => [id, result, meta]);
    await (this as VitestTestRunner).onTaskUpdate?.(packs, []);
  }
}

/** Before anything of it has run, so that its hooks don't run either. Returns the task with all below it. */
function leaveOut(task: RunnerTask, why: string): RunnerTask[] {
  task.mode = 'skip';
  task.meta.leftOut = why;
  if (task.type === 'suite') return [task, ...task.tasks.flatMap((inner) => leaveOut(inner, why))];
  task.result = { state: 'skip' };
  return [task];
}
