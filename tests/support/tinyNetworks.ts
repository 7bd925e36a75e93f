// The two narrow networks of the golden files, built from the official code's configuration as their manifest has it.
import type { Backbone } from '../../src/core/ttfnet/networks/backbone.ts';
import { darkNet } from '../../src/core/ttfnet/networks/darkNet.ts';
import type { Network } from '../../src/core/ttfnet/networks/network.ts';
import { resNet } from '../../src/core/ttfnet/networks/resNet.ts';
import { ttfNet, type TtfHead } from '../../src/core/ttfnet/networks/ttfNet.ts';

/** `config` of a golden network. */
export interface OfficialConfig {
  backbone:
    | { type: 'DarknetV3'; layers: number[]; planes: number[]; frozen_stages: number }
    | { type: 'TinyResNet' | 'ResNet'; blocks: number[]; widths: number[]; frozen_stages: number };
  bbox_head: {
    planes: number[];
    head_conv: number;
    wh_conv: number;
    hm_head_conv_num: number;
    wh_head_conv_num: number;
    wh_agnostic: boolean;
    shortcut_cfg: number[];
  };
}

/** Backbone, neck and heads of an official configuration. */
export function officialParts({ backbone, bbox_head: head }: OfficialConfig): { backbone: Backbone; head: TtfHead } {
  return {
    backbone:
      backbone.type === 'DarknetV3'
        ? darkNet({ blocks: backbone.layers, widths: backbone.planes })
        : resNet({ blocks: backbone.blocks, widths: backbone.widths }),
    head: {
      planes: head.planes,
      shortcuts: head.shortcut_cfg,
      heatmapLayers: head.hm_head_conv_num,
      heatmapWidth: head.head_conv,
      sizeLayers: head.wh_head_conv_num,
      sizeWidth: head.wh_conv,
      perClass: !head.wh_agnostic,
    },
  };
}

/** The network of an official configuration. Golden images are normalised already, so it leaves pixels as they are. */
export function officialNetwork(name: string, config: OfficialConfig): Network {
  const preprocessing = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
  return ttfNet({ name, description: 'golden', ...officialParts(config), preprocessing });
}
