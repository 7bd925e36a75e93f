// Matching of weight files with networks: renames, heads for other classes, other networks, bad numbers, the report.
import { describe, expect, it } from 'vitest';
import { assignWeights, checkAssignment, describeAssignment } from '../../../src/core/weights/assignWeights.ts';
import type { NamedTensor } from '../../../src/core/weights/tensor.ts';

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function tensors(shapes: Record<string, number[]>, fill = 1): Map<string, NamedTensor> {
  const list = Object.entries(shapes).map(([name, shape]): [string, NamedTensor] => [
    name,
    { name, dtype: 'float32', shape, data: new Float32Array(size(shape)).fill(fill) },
  ]);
  return new Map(list);
}

const network: Record<string, number[]> = {
  'backbone.conv1.weight': [64, 3, 7, 7],
  'backbone.bn1.running_mean': [64],
  'backbone.bn1.running_var': [64],
  'backbone.bn1.num_batches_tracked': [],
  'backbone.layer1.0.conv1.weight': [64, 64, 3, 3],
  'bbox_head.deconv_layers.0.0.conv_offset_mask.bias': [27],
  'bbox_head.hm.0.conv.weight': [128, 64, 3, 3],
  'bbox_head.hm.2.weight': [3, 128, 1, 1],
  'bbox_head.hm.2.bias': [3],
  'bbox_head.wh.1.weight': [4, 64, 1, 1],
};
const wanted = Object.entries(network).map(([name, shape]) => ({ name, shape }));

describe('assignWeights', () => {
  it('takes a checkpoint with the same names whole', () => {
    const a = assignWeights(wanted, tensors(network));
    expect([...a.used.keys()]).toEqual(wanted.map((w) => w.name));
    expect(a).toMatchObject({
      reinitialised: [],
      mismatched: [],
      missing: [],
      skipped: [],
      nonFinite: [],
      negative: [],
    });
    expect(() => checkAssignment(a, 'x.pth')).not.toThrow();
  });

  it('re-initialises heads of 80 classes and reports both shapes', () => {
    const official = { ...network, 'bbox_head.hm.2.weight': [80, 128, 1, 1], 'bbox_head.hm.2.bias': [80] };
    const a = assignWeights(wanted, tensors(official));
    expect(a.reinitialised).toEqual([
      { name: 'bbox_head.hm.2.weight', found: [80, 128, 1, 1], wanted: [3, 128, 1, 1] },
      { name: 'bbox_head.hm.2.bias', found: [80], wanted: [3] },
    ]);
    expect(a.used.has('bbox_head.hm.2.bias')).toBe(false);
    expect(() => checkAssignment(a, 'x.pth')).not.toThrow();
    expect(describeAssignment(a, 'x.pth')).toContain('re-initialised: bbox_head.hm.2.bias [80] -> [3]');
  });

  it('maps a bare torchvision backbone and leaves the classifier', () => {
    const bare = {
      'conv1.weight': [64, 3, 7, 7],
      'bn1.running_mean': [64],
      'bn1.running_var': [64],
      'layer1.0.conv1.weight': [64, 64, 3, 3],
      'fc.weight': [1000, 512],
      'fc.bias': [1000],
    };
    const a = assignWeights(wanted, tensors(bare));
    expect([...a.origins]).toEqual([
      ['backbone.conv1.weight', 'conv1.weight'],
      ['backbone.bn1.running_mean', 'bn1.running_mean'],
      ['backbone.bn1.running_var', 'bn1.running_var'],
      ['backbone.layer1.0.conv1.weight', 'layer1.0.conv1.weight'],
    ]);
    expect(a.unneeded).toEqual(['fc.weight', 'fc.bias']);
    expect(a.missing).toEqual(Object.keys(network).filter((n) => n.startsWith('bbox_head')));
    expect(() => checkAssignment(a, 'resnet18.pth')).not.toThrow();
  });

  it('maps a bare DarkNet backbone', () => {
    const net = [
      { name: 'backbone.stem.conv.weight', shape: [32, 3, 3, 3] },
      { name: 'backbone.layer1.1.body.0.conv.weight', shape: [32, 64, 1, 1] },
    ];
    const a = assignWeights(
      net,
      tensors({
        'stem.conv.weight': [32, 3, 3, 3],
        'layer1.1.body.0.conv.weight': [32, 64, 1, 1],
        'output.weight': [1000, 1024],
      }),
    );
    expect(a.used.size).toBe(2);
    expect(a.unneeded).toEqual(['output.weight']);
  });

  it('knows the later name of the offset layer, and wrappers', () => {
    const { 'bbox_head.deconv_layers.0.0.conv_offset_mask.bias': offset, ...rest } = network;
    const later = { ...rest, 'bbox_head.deconv_layers.0.0.conv_offset.bias': offset! };
    expect(assignWeights(wanted, tensors(later)).missing).toEqual([]);
    const wrapped = Object.fromEntries(Object.entries(later).map(([name, shape]) => [`model.${name}`, shape]));
    expect(assignWeights(wanted, tensors(wrapped)).missing).toEqual([]);
  });

  it('reports a tensor that is there under its old and its new name', () => {
    const both = {
      ...network,
      'backbone.bn1.running_mean': [64],
      'bbox_head.deconv_layers.0.0.conv_offset.bias': [27],
    };
    expect(assignWeights(wanted, tensors(both)).skipped).toHaveLength(1);
  });

  it('reshapes where only dimensions of 1 differ', () => {
    const a = assignWeights(wanted, tensors({ ...network, 'bbox_head.wh.1.weight': [4, 64] }));
    expect(a.reshaped).toEqual([{ name: 'bbox_head.wh.1.weight', found: [4, 64], wanted: [4, 64, 1, 1] }]);
    expect(a.used.get('bbox_head.wh.1.weight')!.shape).toEqual([4, 64, 1, 1]);
  });

  it.each([
    [
      'wrong shapes',
      { ...network, 'backbone.conv1.weight': [32, 3, 7, 7] },
      1,
      /backbone\.conv1\.weight is \[32x3x7x7\] where \[64x3x7x7\]/,
    ],
    [
      'a deeper backbone',
      { ...network, 'backbone.layer1.2.conv1.weight': [64, 64, 3, 3] },
      1,
      /backbone is another one: backbone\.layer1\.2\.conv1\.weight/,
    ],
    [
      'a deeper bare backbone',
      {
        'conv1.weight': [64, 3, 7, 7],
        'bn1.running_mean': [64],
        'bn1.running_var': [64],
        'layer1.0.conv1.weight': [64, 64, 3, 3],
        'layer1.5.x': [1],
      },
      1,
      /layer1\.5\.x have no place/,
    ],
    ['a shallower backbone', { 'backbone.conv1.weight': [64, 3, 7, 7] }, 1, /lacks backbone\.bn1\.running_mean/],
    ['nothing in common', { 'encoder.weight': [3] }, 1, /none of its tensors .*encoder\.weight/],
    ['NaN', network, NaN, /NaN or infinite numbers in backbone\.conv1\.weight, .* and 7 more/],
    ['infinity', network, Infinity, /NaN or infinite/],
    ['a variance below zero', network, -0.5, /variances below zero in backbone\.bn1\.running_var/],
  ] as const)('refuses %s, naming file and tensor', (_, shapes, fill, message) => {
    const a = assignWeights(wanted, tensors(shapes as unknown as Record<string, number[]>, fill));
    expect(() => checkAssignment(a, 'other.pth')).toThrow(message);
    expect(() => checkAssignment(a, 'other.pth')).toThrow('other.pth');
    expect(() => checkAssignment(a, 'other.pth')).toThrow(expect.objectContaining({ code: 'model-invalid' }));
  });

  it('reports every tensor once', () => {
    const a = assignWeights(wanted, tensors({ ...network, extra: [1], 'backbone.conv1.weight': [1] }, NaN));
    const report = describeAssignment(a, 'f.pth');
    expect(report.split('\n')[0]).toBe(
      'f.pth: TTFNet checkpoint of the official code; 9 tensors used, 0 re-initialised, 0 missing, 1 skipped',
    );
    expect(report).toContain('wrong shape: backbone.conv1.weight [1] -> [64x3x7x7]');
    expect(report).toContain('skipped: extra');
    expect(report.match(/NaN or infinite: /g)).toHaveLength(9);
  });
});
