// The catalogues: same keys and places in both languages, a word for every command, and messages filled as they should be.
import { describe, expect, it } from 'vitest';
import { app } from '../../../src/renderer/i18n/en/app.ts';
import { commands } from '../../../src/renderer/i18n/en/commands.ts';
import { evaluate } from '../../../src/renderer/i18n/en/evaluate.ts';
import { label } from '../../../src/renderer/i18n/en/label.ts';
import { model } from '../../../src/renderer/i18n/en/model.ts';
import { project } from '../../../src/renderer/i18n/en/project.ts';
import { en, type MessageKey } from '../../../src/renderer/i18n/en/index.ts';
import { ago, duration, percent, rate } from '../../../src/renderer/i18n/format.ts';
import { fill, placesOf } from '../../../src/shared/fill.ts';
import { zh } from '../../../src/renderer/i18n/zh/index.ts';
import { commandIds } from '../../../src/renderer/keys/commands.ts';
import { buildMenus } from '../../../src/renderer/keys/menus.ts';
import { errorCodes } from '../../../src/shared/errors.ts';
import { lossKinds } from '../../../src/shared/lossReport.ts';
import { saidKeys } from '../../../src/shared/said.ts';
import { english } from '../../../src/shared/sentences/en/index.ts';

const keys = Object.keys(en) as MessageKey[];

describe('catalogues', () => {
  it('have the same keys', () => expect(Object.keys(zh).sort()).toEqual([...keys].sort()));

  it('have each key in one part only, so that none hides another', () => {
    const parts = [app, commands, evaluate, label, model, project, english].map((part) => Object.keys(part));
    expect(parts.flat().toSorted()).toEqual(keys.toSorted());
  });

  it('use no value in Chinese that English does not have', () => {
    for (const key of keys) for (const place of placesOf(zh[key])) expect(placesOf(en[key]), key).toContain(place);
  });

  it('lose no value in Chinese, apart from those that only choose an English plural', () => {
    for (const key of keys) {
      const told = placesOf(en[key].replace(/\{\w+\|[^{}]*\}/g, ''));
      for (const place of told) expect(placesOf(zh[key]), key).toContain(place);
    }
  });

  it('say every sentence of the host in each language, with the values that the host gives', () => {
    for (const key of saidKeys) {
      const places = placesOf(english[key]);
      expect(placesOf(en[key]), key).toEqual(places);
      expect(placesOf(zh[key]), key).toEqual(places);
    }
  });

  it('give every sentence of the host a Chinese form without English words, apart from names', () => {
    const names =
      /TTFNet(-\d+)?( Studio)?|ResNet-\d+|DarkNet-\d+|TensorFlow\.js|PyTorch|SQLite|ONNX( Runtime)?|JSON|XML|YAML|LabelMe|COCO|CVAT|VOC|YOLO|CPU|auto|cpu|serve|ORT_DISABLE_TELEMETRY|Windows|Label Studio|CreateML|ZIP|gzip|EXIF|coordinates|UTF-8|--root FOLDER|train\b|images?\b|annotations?\b|categories|shapes|names|bbox|bndbox|id\b|name\b|file_name|image_id|category_id|difficult|(data|classes)\.(yaml|txt|csv)|\.(json|xml|txt|csv|onnx|pth|safetensors)/g;
    for (const key of saidKeys) {
      const rest = zh[key].replace(/\{[^}]*\}/g, '').replace(names, '');
      expect(rest, key).not.toMatch(/[a-z]{3}/i);
      if (/[a-z]/i.test(english[key].replace(/\{[^}]*\}/g, ''))) expect(zh[key], key).toMatch(/\p{Script=Han}/u);
    }
  });

  it('are translated: no Chinese message of words is the English one', () => {
    const same = keys.filter((key) => zh[key] === en[key] && /[a-z]{3}/i.test(en[key].replace(/\{[^}]*\}/g, '')));
    expect(same).toEqual([]);
  });

  it('name every command and every kind of loss, in the key sheet and the native menu', () => {
    for (const id of commandIds) expect(keys).toContain(`command.${id}`);
    for (const kind of lossKinds) expect(keys).toContain(`io.kind.${kind}`);
    const menus = buildMenus({}, (key) => en[key]);
    expect(menus.flatMap((m) => m.items).find((i) => i.command === 'edit.undo')).toEqual({
      command: 'edit.undo',
      label: 'Undo',
      keys: 'Ctrl+Z',
    });
  });

  it('have only error titles that exist', () => {
    for (const key of keys.filter((k) => k.startsWith('error.')))
      expect(errorCodes as readonly string[]).toContain(key.slice(6));
  });
});

describe('filling', () => {
  it('puts values in and picks by number', () => {
    const message = '{n} {n|box|boxes} by {who}';
    expect(fill(message, { n: 1, who: 'Ada' }, 'en')).toBe('1 box by Ada');
    expect(fill(message, { n: 12_000, who: 'Ada' }, 'en')).toBe('12,000 boxes by Ada');
  });
  it('leaves a place without a value visible', () =>
    expect(fill('{n} of {total}', { n: 1 }, 'en')).toBe('1 of {total}'));
});

describe('formats', () => {
  it.each([
    [0.4, 'under 1 s'],
    [42, '42 s'],
    [174, '2 min 54 s'],
    [120, '2 min'],
    [1090, '18 min'],
    [3660, '1 h 1 min'],
    [7200, '2 h'],
  ])('%d s is %s', (s, text) => expect(duration(s, 'en')).toBe(text));
  it('speaks Chinese', () => expect(duration(174, 'zh')).toBe('2 分 54 秒'));
  it('rates and shares', () =>
    expect([rate(0.384), rate(12.34), rate(321.7), percent(0.7134, 1)]).toEqual(['0.38', '12.3', '322', '71.3 %']));
  it('tells how long ago', () => {
    const now = Date.parse('2026-01-10T12:00:00Z');
    expect(ago(now - 3 * 3600_000, now, 'en')).toBe('3 hours ago');
    expect(ago(now - 86_400_000, now, 'en')).toBe('yesterday');
    expect(ago(now - 5000, now, 'en')).toBe('now');
  });
});
