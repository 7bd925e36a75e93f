// TTFNet-18, -34 and -53 as the paper has them (section 4.1; the official configs), and their variants for the ablations.
import { StudioError } from '../../../shared/errors.ts';
import { darkNet } from './darkNet.ts';
import type { Backbone } from './backbone.ts';
import type { Network } from './network.ts';
import { resNet } from './resNet.ts';
import { ttfNet } from './ttfNet.ts';

interface PaperNetwork {
  description: string;
  backbone: Backbone;
  sizeLayers: number;
}

const paper: Readonly<Record<string, PaperNetwork>> = {
  'ttfnet-18': {
    description: 'TTFNet-18 of the paper: ResNet-18, deformable neck',
    backbone: resNet({ blocks: [2, 2, 2, 2] }),
    sizeLayers: 1,
  },
  'ttfnet-34': {
    description: 'TTFNet-34 of the paper: ResNet-34, deformable neck',
    backbone: resNet({ blocks: [3, 4, 6, 3] }),
    sizeLayers: 2,
  },
  'ttfnet-53': {
    description: 'TTFNet-53 of the paper: DarkNet-53, deformable neck',
    backbone: darkNet({ blocks: [1, 2, 8, 8, 4], widths: [32, 64, 128, 256, 512, 1024] }),
    sizeLayers: 2,
  },
};

/** Names of the paper's networks. */
export const paperNames: readonly string[] = Object.keys(paper);

/** What a variant has otherwise than the paper's network. */
export interface Variant {
  /** Convolutions in each shortcut, 0 to 3, deepest first. */
  shortcuts: readonly number[];
  perClass: boolean;
}

/** The paper's own choice. */
export const paperVariant: Variant = { shortcuts: [1, 2, 3], perClass: false };

/**
 * Name of a variant: it is part of what a model file says, so that the network can be built again.
 * `ttfnet-18`, `ttfnet-18:shortcuts=0-0-0`, `ttfnet-18:shortcuts=1-2-3,size=per-class`
 */
export function variantName(base: string, { shortcuts, perClass }: Variant): string {
  const counts = [0, 1, 2].map((i) => shortcuts[i] ?? 0).join('-');
  const usual = counts === paperVariant.shortcuts.join('-');
  if (usual && !perClass) return base;
  return `${base}:shortcuts=${counts}${perClass ? ',size=per-class' : ''}`;
}

const variantPattern = /^([^:]+):shortcuts=([0-3])-([0-3])-([0-3])(,size=per-class)?$/;

/** Base and variant of a name that {@link variantName} made, or null. */
export function parseVariant(name: string): { base: string; variant: Variant } | null {
  if (Object.hasOwn(paper, name)) return { base: name, variant: paperVariant };
  const match = variantPattern.exec(name);
  if (!match || !Object.hasOwn(paper, match[1]!)) return null;
  const variant = { shortcuts: match.slice(2, 5).map(Number), perClass: match[5] !== undefined };
  return { base: match[1]!, variant };
}

/** The paper's network of that name, or one of its variants; null for another name. */
export function paperNetwork(name: string): Network | null {
  const parsed = parseVariant(name);
  if (!parsed) return null;
  const { description, backbone, sizeLayers } = paper[parsed.base]!;
  const head = { planes: [256, 128, 64], heatmapLayers: 2, heatmapWidth: 128, sizeLayers, sizeWidth: 64 };
  return ttfNet({ name, description, backbone, head: { ...head, ...parsed.variant } });
}

/**
 * `name` with other shortcuts or another size head; null keeps what the name says.
 * @throws argument-invalid when the network has no such choice
 */
export function withVariant(
  name: string,
  { shortcuts, sizeHead }: { shortcuts: readonly number[] | null; sizeHead: 'agnostic' | 'per-class' | null },
): string {
  if (shortcuts === null && sizeHead === null) return name;
  const parsed = parseVariant(name);
  if (!parsed)
    throw new StudioError(
      'argument-invalid',
      `The network ${name} has no shortcuts or size head to choose. Start from ${paperNames.join(', ')}, or leave these settings out.`,
    );
  return variantName(parsed.base, {
    shortcuts: shortcuts ?? parsed.variant.shortcuts,
    perClass: sizeHead ? sizeHead === 'per-class' : parsed.variant.perClass,
  });
}
