// Names of result files: never two alike on any disk, never too long for one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resultNames } from '../../../src/core/files/resultNames.ts';

const overlay = { stem: false, ending: '.jpg' };
const voc = { stem: true, ending: '.xml' };
const named = (pictures: string[], form = voc): string[] => resultNames(pictures, form).map(({ name }) => name);

describe('names of result files', () => {
  it('are those of the pictures where nothing speaks against it', () => {
    expect(resultNames(['a.jpg', 'sub/b.png'], overlay)).toEqual([
      { name: 'a.jpg.jpg', changed: null },
      { name: 'sub/b.png.jpg', changed: null },
    ]);
    expect(named(['a.jpg', 'sub/b.x.png', 'plain'])).toEqual(['a.xml', 'sub/b.x.xml', 'plain.xml']);
  });

  it('tell apart equal stems, upper and lower case, composed and decomposed letters', () => {
    expect(named(['a.jpg', 'a.png', 'A.JPG', 'a_png.bmp'])).toEqual([
      'a.xml',
      'a_png.xml',
      'A_JPG.xml',
      'a_png_bmp.xml',
    ]);
    expect(named(['a.jpg', 'A.JPG'], overlay)).toEqual(['a.jpg.jpg', 'A.JPG_JPG.jpg']);
    expect(named(['é.jpg', 'e\u0301.jpg'], overlay)).toEqual(['é.jpg.jpg', 'e\u0301.jpg_jpg.jpg']);
    expect(resultNames(['a.jpg', 'a.png'], voc)[1]!.changed).toBe('taken');
  });

  it('are not those of folders among them', () => {
    expect(named(['a.png', 'a.png.jpg/b.png'], overlay)).toEqual(['a.png_png.jpg', 'a.png.jpg/b.png.jpg']);
  });

  it('are cut where a disk would refuse them, and still differ', () => {
    const [one, two] = [`${'図'.repeat(83)}1.jpg`, `${'図'.repeat(83)}2.jpg`];
    const names = resultNames([`sub/${one}`, `sub/${two}`], { stem: true, ending: '.labelme.json' });
    for (const { name, changed } of names) {
      expect(changed).toBe('long');
      expect(name).toMatch(/^sub\/図+~[0-9a-f]{10}\.labelme\.json$/);
      expect(Buffer.byteLength(name.slice(4))).toBeLessThanOrEqual(255);
    }
    expect(names[0]!.name).not.toBe(names[1]!.name);
  });

  it('never meet, whatever the pictures are called', () => {
    const part = fc.oneof(
      fc.constantFrom('a', 'A', 'a_png', 'a.png', 'é', 'e\u0301', 'x'.repeat(251), 'X'.repeat(251), '図'.repeat(84)),
      fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'A', '_', '.', 'é') }),
    );
    const picture = fc
      .tuple(fc.array(part, { maxLength: 2 }), part, fc.constantFrom('.jpg', '.png', '.JPG', ''))
      .map(([folders, stem, extension]) => [...folders, stem + extension].join('/'));
    const form = fc.record({ stem: fc.boolean(), ending: fc.constantFrom('.jpg', '.json') });
    fc.assert(
      fc.property(fc.uniqueArray(picture, { maxLength: 12 }), form, (pictures, how) => {
        const names = named(pictures, how).map((name) => name.normalize('NFC').toLowerCase());
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(names.some((other) => other.startsWith(`${name}/`))).toBe(false);
      }),
    );
  });
});
