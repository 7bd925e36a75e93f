// The COCO base file's names of the network's parameters (TensorFlow.js graph model), as data.

const blockPrefix = (index: string): string => (index === '0' ? 'expanded_conv' : `expanded_conv_${index}`);

type Rename = readonly [pattern: RegExp, tfName: (...groups: string[]) => string];

const kind = (part: string, weight: string, bias: string): string => (part === 'weight' ? weight : bias);

/** First match wins. Names under `tower_0/` were folded by TensorFlow's optimizer, the others are as the graph was written. */
const renames: readonly Rename[] = [
  [
    /^backbone\.stem\.(weight|bias)$/,
    (p) => `tower_0/MobilenetV3/Conv/${kind(p, 'Conv2D_weights', 'Conv2D_bn_offset')}`,
  ],
  [
    /^backbone\.blocks\.(\d+)\.depthwise\.(weight|bias)$/,
    (i, p) => `tower_0/MobilenetV3/${blockPrefix(i)}/depthwise/${kind(p, 'depthwise_weights', 'depthwise_bn_offset')}`,
  ],
  [
    /^backbone\.blocks\.(\d+)\.(expand|project)\.(weight|bias)$/,
    (i, part, p) => `tower_0/MobilenetV3/${blockPrefix(i)}/${part}/${kind(p, 'Conv2D_weights', 'Conv2D_bn_offset')}`,
  ],
  [
    /^backbone\.blocks\.(\d+)\.squeeze_excite\.(reduce|expand)\.(weight|bias)$/,
    (i, part, p) =>
      `MobilenetV3/${blockPrefix(i)}/squeeze_excite/${part === 'reduce' ? 'Conv' : 'Conv_1'}/${kind(p, 'weights', 'biases')}`,
  ],
  [/^backbone\.last\.(weight|bias)$/, (p) => `tower_0/extern1/${kind(p, 'Conv2D_weights', 'Conv2D_bn_offset')}`],
  [
    /^neck\.(c\d)\.reduce\.(weight|bias)$/,
    (c, p) => `tower_0/CenternetHead/${c}_reverse/1x1/${kind(p, 'Conv2D_weights', 'Conv2D_bn_offset')}`,
  ],
  [/^neck\.(c\d)\.depthwise\.weight$/, (c) => `CenternetHead/${c}_reverse/3x3/depthwise_weights`],
  [
    /^neck\.(c\d)\.pointwise\.(weight|bias)$/,
    (c, p) =>
      `tower_0/CenternetHead/${c}_reverse/3x3/${kind(p, 'separable_conv2d_weights', 'separable_conv2d_bn_offset')}`,
  ],
  [
    /^neck\.up(\d)\.branch_(x|y)\.depthwise\.weight$/,
    (c, b) => `CenternetHead/c${c}_upsample/branch_${b}_upsample_resize/depthwise_weights`,
  ],
  [
    /^neck\.up(\d)\.branch_(x|y)\.pointwise\.(weight|bias)$/,
    (c, b, p) =>
      `tower_0/CenternetHead/c${c}_upsample/branch_${b}_upsample_resize/${kind(p, 'separable_conv2d_weights', 'separable_conv2d_bn_offset')}`,
  ],
  [
    /^neck\.squeeze_excite\.reduce\.(weight|bias)$/,
    (p) => `tower_0/CenternetHead/conv1x1_se_a/${kind(p, 'Conv2D_weights', 'Conv2D_bn_offset')}`,
  ],
  [/^neck\.squeeze_excite\.expand\.weight$/, () => 'CenternetHead/conv1x1_se_b/weights'],
  [
    /^head\.(hm|wh)\.depthwise\.weight$/,
    (h) => `CenternetHead/centernet_${h === 'hm' ? 'cls' : 'wh'}_output/depthwise_weights`,
  ],
  [
    /^head\.(hm|wh)\.pointwise\.(weight|bias)$/,
    (h, p) => `CenternetHead/centernet_${h === 'hm' ? 'cls' : 'wh'}_output/${kind(p, 'pointwise_weights', 'biases')}`,
  ],
];

/** Name in the base file of parameter `name` of {@link mobileNetV3}, or null when it has none. */
export function baseFileName(name: string): string | null {
  for (const [pattern, tfName] of renames) {
    const match = pattern.exec(name);
    if (match) return tfName(...match.slice(1));
  }
  return null;
}
