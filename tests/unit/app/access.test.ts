// Which paths the interface may name.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Access } from '../../../src/app/host/access.ts';

let folder: string;
const at = (...parts: string[]) => path.join(folder, ...parts);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-access-'));
  await mkdir(at('allowed', 'inner'), { recursive: true });
  await mkdir(at('allowed-not'), { recursive: true });
  await writeFile(at('allowed-not', 'secret.txt'), '');
  await symlink(at('allowed-not'), at('allowed', 'link'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('paths under an allowed root', () => {
  const access = () => new Access([at('allowed')]);

  test.each([[['allowed']], [['allowed', 'inner']], [['allowed', 'inner', '..', 'inner']]])(
    '%j is allowed',
    async (parts) => {
      await expect(access().existing(at(...parts))).resolves.toContain('allowed');
    },
  );
  test.each([
    [['allowed-not']],
    [['allowed', '..', 'allowed-not']],
    [['allowed', 'link']],
    [['allowed', 'link', 'secret.txt']],
  ])('%j is refused', async (parts) => {
    await expect(access().existing(folder + path.sep + parts.join(path.sep))).rejects.toMatchObject({
      code: 'not-allowed',
    });
  });
  test('what does not exist may be written inside, not outside nor through a link out', async () => {
    await expect(access().writable(at('allowed', 'new', 'deep'))).resolves.toBe(at('allowed', 'new', 'deep'));
    await expect(access().writable(at('elsewhere'))).rejects.toMatchObject({ code: 'not-allowed' });
    await expect(access().writable(at('allowed', 'link', 'new'))).rejects.toMatchObject({ code: 'not-allowed' });
  });
});

test('without roots only granted paths and what is below them are allowed', async () => {
  const access = new Access();
  await expect(access.existing(at('allowed'))).rejects.toMatchObject({ code: 'not-allowed' });
  access.grant(at('allowed'));
  await expect(access.existing(at('allowed', 'inner'))).resolves.toBeTruthy();
  await expect(access.existing(at('allowed-not'))).rejects.toMatchObject({ code: 'not-allowed' });
});

test.each(['relative/path', 'C\0', ''])('%j is no path', async (file) => {
  await expect(new Access(['/']).existing(file)).rejects.toMatchObject({ code: 'argument-invalid' });
});

test('a missing file is told as missing', async () => {
  await expect(new Access([folder]).existing(at('nothing'))).rejects.toMatchObject({ code: 'file-missing' });
});
