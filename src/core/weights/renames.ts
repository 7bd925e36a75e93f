// How tensors of known checkpoints are called in our networks, as data. Our names are those of the official TTFNet code.

/** One kind of checkpoint. */
export interface RenameTable {
  /** For reports. */
  readonly name: string;
  /** A tensor that only this kind has; the first table that matches is used. */
  readonly has: RegExp;
  /** Applied in order to every name, each to the result of the one before. */
  readonly rules: readonly (readonly [from: RegExp, to: string])[];
  /** Tensors (by their name in the file) that our networks have no use for. */
  readonly unneeded: readonly RegExp[];
}

/** mmcv from 1.0 on calls the layer that predicts offsets and masks `conv_offset`; its channels are in the same order. */
const offsetLayer = [/\.conv_offset\.(weight|bias)$/, '.conv_offset_mask.$1'] as const;

/** Known kinds, most specific first. */
export const renameTables: readonly RenameTable[] = [
  {
    name: 'TTFNet checkpoint of the official code',
    has: /^bbox_head\.(hm|wh|deconv_layers)\./,
    rules: [offsetLayer],
    unneeded: [/^neck\./],
  },
  {
    name: 'TTFNet checkpoint saved from inside a wrapper',
    has: /^(?:model|net|network|ema_model)\.bbox_head\./,
    rules: [[/^(?:model|net|network|ema_model)\./, ''], offsetLayer],
    unneeded: [],
  },
  {
    name: 'ResNet backbone in torchvision layout',
    has: /^layer1\.0\.conv1\.weight$/,
    rules: [[/^/, 'backbone.']],
    unneeded: [/^fc\./],
  },
  {
    name: 'DarkNet-53 backbone of the official code',
    has: /^stem\.conv\.weight$/,
    rules: [[/^/, 'backbone.']],
    unneeded: [/^output\./],
  },
  { name: 'weights with our own names', has: /^/, rules: [], unneeded: [] },
];

/** The table for a file with these tensors. */
export function renameTableFor(names: Iterable<string>): RenameTable {
  const list = [...names];
  return renameTables.find(({ has }) => list.some((name) => has.test(name))) ?? renameTables.at(-1)!;
}

/** `name` in our networks. */
export function rename(table: RenameTable, name: string): string {
  return table.rules.reduce((result, [from, to]) => result.replace(from, to), name);
}
