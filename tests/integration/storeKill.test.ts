// The store and other processes: killed at random moments, and two on one project.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Project } from '../../src/core/store/project.ts';
import {
  ann,
  expectAllSaid,
  expectDerivedState,
  keep,
  long,
  newFolder,
  newProject,
  startChild,
} from './support/storeWorld.ts';

describe('killed at random moments', () => {
  const times = long ? 200 : 20;
  it(`keeps everything that was acknowledged (${times} times)`, { timeout: 1_200_000 }, async () => {
    const folder = newFolder();
    await newProject(folder).close();
    let acknowledged = 0;
    for (let i = 0; i < times; i++) {
      const { child, said, first, ended } = startChild(folder, 'all');
      expect((await first).open).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 250));
      child.kill('SIGKILL');
      await ended;
      const project = keep(Project.open(folder, { backupMinutes: 0 }));
      expect([project.readOnlyReason, project.notices]).toEqual([null, []]);
      project.check();
      expectAllSaid(project, said);
      acknowledged += said.length;
      if (i === times - 1) await project.backUp();
      await project.close();
      if (i % 10 === 9) expectDerivedState(project.file);
    }
    expect(readdirSync(path.join(folder, '.ttfnet-studio', 'backups')).filter((n) => n.includes('.part'))).toEqual([]);
    expect(acknowledged).toBeGreaterThan(times * 3);
  });
});

describe('two processes', () => {
  it('tells the second who holds the project, and lets it write when the first was killed', async () => {
    const folder = newFolder();
    await newProject(folder).close();
    const { child, first, ended } = startChild(folder, 'hold');
    const { pid } = await first;
    const second = keep(Project.open(folder));
    expect(second.holder?.pid).toBe(pid);
    expect(second.readOnlyReason).toMatch(new RegExp(`process ${String(pid)} on .* since 20`));
    expect(() => second.checkpoint(ann, 'x')).toThrow(/open read-only/);
    expect(second.counts().images).toBe(5);
    child.kill('SIGKILL');
    await ended;
    const third = keep(Project.open(folder));
    expect([third.readOnlyReason, third.holder]).toEqual([null, null]);
    third.checkpoint(ann, 'x');
  });

  it('leaves the writer whole when the reader comes and goes', async () => {
    const folder = newFolder();
    const project = newProject(folder);
    for (let i = 0; i < 3; i++) {
      const reader = startChild(folder, 'hold');
      expect((await reader.first).open).toBe(false);
      project.checkpoint(ann, `while ${i}`);
      reader.child.kill('SIGTERM');
      await reader.ended;
      project.checkpoint(ann, `after ${i}`);
    }
    await project.close();
    const again = keep(Project.open(folder));
    expect(again.checkpoints()).toHaveLength(6);
  });

  it('a reader that outlives a killed writer leaves the log to the next one', async () => {
    const folder = newFolder();
    await newProject(folder).close();
    for (const readOnly of [true, false]) {
      const writer = startChild(folder, 'all');
      expect((await writer.first).open).toBe(true);
      await expect.poll(() => writer.said.length, { timeout: 60_000 }).toBeGreaterThan(5);
      const reader = startChild(folder, readOnly ? 'read' : 'hold');
      expect((await reader.first).open).toBe(false);
      writer.child.kill('SIGKILL');
      await writer.ended;
      reader.child.kill('SIGTERM');
      await reader.ended;
      const next = keep(Project.open(folder, { backupMinutes: 0 }));
      expect([next.readOnlyReason, next.notices]).toEqual([null, []]);
      expectAllSaid(next, writer.said);
      await next.close();
    }
  });

  it('readers that come and go while a writer starts never keep it out', async () => {
    const folder = newFolder();
    await newProject(folder).close();
    const reader = startChild(folder, 'poll');
    expect((await reader.first).open).toBe(false);
    for (let i = 0; i < 15; i++) {
      const writer = keep(Project.open(folder, { backupMinutes: 0 }));
      expect([writer.readOnlyReason, writer.notices]).toEqual([null, []]);
      writer.checkpoint(ann, `c${i}`);
      await writer.close();
    }
    reader.child.kill('SIGKILL');
    await reader.ended;
    expect(reader.said.filter((line) => line.notices?.length).map((line) => line.notices)).toEqual([]);
    expect(reader.said.length).toBeGreaterThan(5);
  });
});
