// The state dicts of the official checkpoints, written down from the official code's modules (ttf_head.py, resnet.py, darknet.py at
// 700ad90), apart from our networks: names, shapes and order as `model.state_dict()` gives them.

import type { OfficialConfig } from './tinyNetworks.ts';

/** Name and shape of one tensor; `[]` is a scalar. */
export type LayoutEntry = readonly [name: string, shape: readonly number[]];

const head = (sizeLayers: number): OfficialConfig['bbox_head'] => ({
  planes: [256, 128, 64],
  head_conv: 128,
  wh_conv: 64,
  hm_head_conv_num: 2,
  wh_head_conv_num: sizeLayers,
  wh_agnostic: true,
  shortcut_cfg: [1, 2, 3],
});
const resNet = (blocks: number[]): OfficialConfig['backbone'] => ({
  type: 'ResNet',
  blocks,
  widths: [64, 128, 256, 512],
  frozen_stages: 1,
});

/** What configs/ttfnet/ttfnet_{r18,r34,d53}_*.py say. */
export const officialConfigs: Readonly<Record<'ttfnet-18' | 'ttfnet-34' | 'ttfnet-53', OfficialConfig>> = {
  'ttfnet-18': { backbone: resNet([2, 2, 2, 2]), bbox_head: head(1) },
  'ttfnet-34': { backbone: resNet([3, 4, 6, 3]), bbox_head: head(2) },
  'ttfnet-53': {
    backbone: { type: 'DarknetV3', layers: [1, 2, 8, 8, 4], planes: [32, 64, 128, 256, 512, 1024], frozen_stages: 1 },
    bbox_head: head(2),
  },
};

const bias = (name: string, outputs: number): LayoutEntry => [`${name}.bias`, [outputs]];
const weight = (name: string, outputs: number, inputs: number, kernel: number): LayoutEntry => [
  `${name}.weight`,
  [outputs, inputs, kernel, kernel],
];

const conv = (name: string, outputs: number, inputs: number, kernel: number): LayoutEntry[] => [
  weight(name, outputs, inputs, kernel),
  bias(name, outputs),
];

const norm = (name: string, channels: number): LayoutEntry[] => [
  ...['weight', 'bias', 'running_mean', 'running_var'].map((part): LayoutEntry => [`${name}.${part}`, [channels]]),
  [`${name}.num_batches_tracked`, []],
];

function basicBlock(name: string, inputs: number, width: number): LayoutEntry[] {
  const downsample = [weight(`${name}.downsample.0`, width, inputs, 1), ...norm(`${name}.downsample.1`, width)];
  return [
    weight(`${name}.conv1`, width, inputs, 3),
    ...norm(`${name}.bn1`, width),
    weight(`${name}.conv2`, width, width, 3),
    ...norm(`${name}.bn2`, width),
    ...(inputs === width ? [] : downsample),
  ];
}

/** torchvision's ResNet of basic blocks without the classifier; the stem is as wide as the first stage. */
function resNetLayout(blocks: readonly number[], widths: readonly number[]): LayoutEntry[] {
  const stage = (count: number, s: number): LayoutEntry[] =>
    Array.from({ length: count }, (_, i) =>
      basicBlock(`layer${s + 1}.${i}`, i === 0 ? widths[Math.max(0, s - 1)]! : widths[s]!, widths[s]!),
    ).flat();
  return [weight('conv1', widths[0]!, 3, 7), ...norm('bn1', widths[0]!), ...blocks.flatMap(stage)];
}

/** The official DarknetV3 without the classifier; `widths` begin with the stem's. */
function darkNetLayout(blocks: readonly number[], widths: readonly number[]): LayoutEntry[] {
  const unit = (name: string, outputs: number, inputs: number, kernel: number): LayoutEntry[] => [
    weight(`${name}.conv`, outputs, inputs, kernel),
    ...norm(`${name}.bn`, outputs),
  ];
  const stage = (count: number, s: number): LayoutEntry[] => {
    const [name, width] = [`layer${s + 1}`, widths[s + 1]!];
    const residual = Array.from({ length: count }, (_, i) => [
      ...unit(`${name}.${i + 1}.body.0`, width / 2, width, 1),
      ...unit(`${name}.${i + 1}.body.1`, width, width / 2, 3),
    ]);
    return [...unit(`${name}.0`, width, widths[s]!, 3), ...residual.flat()];
  };
  return [...unit('stem', widths[0]!, 3, 3), ...blocks.flatMap(stage)];
}

/** The backbone's state dict as its own file has it, without the classifier. */
export const backboneLayout = ({ backbone: b }: OfficialConfig): LayoutEntry[] =>
  b.type === 'DarknetV3' ? darkNetLayout(b.layers, b.planes) : resNetLayout(b.blocks, b.widths);

/** TTFHead. @param inputs channels of the backbone's maps, deepest first */
function headLayout(h: OfficialConfig['bbox_head'], inputs: readonly number[], classes: number): LayoutEntry[] {
  const deconv = h.planes.flatMap((width, i) => {
    const [name, from] = [`deconv_layers.${i}`, i === 0 ? inputs[0]! : h.planes[i - 1]!];
    const offsets = conv(`${name}.0.conv_offset_mask`, 27, from, 3);
    return [...conv(`${name}.0`, width, from, 3), ...offsets, ...norm(`${name}.1`, width)];
  });
  const shortcuts = h.shortcut_cfg.flatMap((count, i) =>
    Array.from({ length: count }, (_, k) =>
      conv(`shortcut_layers.${i}.layers.${2 * k}`, h.planes[i]!, k === 0 ? inputs[i + 1]! : h.planes[i]!, 3),
    ).flat(),
  );
  const branch = (name: string, layers: number, width: number, outputs: number): LayoutEntry[] => [
    ...Array.from({ length: layers }, (_, i) =>
      conv(`${name}.${i}.conv`, width, i === 0 ? h.planes.at(-1)! : width, 3),
    ).flat(),
    ...conv(`${name}.${layers}`, outputs, width, 1),
  ];
  const sizes = branch('wh', h.wh_head_conv_num, h.wh_conv, h.wh_agnostic ? 4 : 4 * classes);
  return [...deconv, ...shortcuts, ...sizes, ...branch('hm', h.hm_head_conv_num, h.head_conv, classes)];
}

/** The state dict of a whole checkpoint for `classes` foreground classes, in its order. */
export function checkpointLayout(config: OfficialConfig, classes: number): LayoutEntry[] {
  const { backbone: b, bbox_head: h } = config;
  const inputs = [...(b.type === 'DarknetV3' ? b.planes : b.widths)].reverse();
  const under = (prefix: string, list: LayoutEntry[]): LayoutEntry[] => list.map(([n, s]) => [`${prefix}.${n}`, s]);
  return [...under('backbone', backboneLayout(config)), ...under('bbox_head', headLayout(h, inputs, classes))];
}

const isBuffer = (name: string): boolean => /\.(running_mean|running_var|num_batches_tracked)$/.test(name);

/** Number of learned values. */
export const learnedCount = (entries: readonly LayoutEntry[]): number =>
  entries.filter(([name]) => !isBuffer(name)).reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);
