// One row per operator: its attributes' types and its shape rule. Rows live by kind of op in shapes/.
import { blockedOps } from './shapes/blocked.ts';
import { layerComposites } from './shapes/composite.ts';
import { elementwiseOps } from './shapes/elementwise.ts';
import { reduceOps } from './shapes/reduce.ts';
import { spatialOps } from './shapes/spatial.ts';
import { structureOps } from './shapes/structure.ts';
import type { Domain, OpSpec } from './shapes/spec.ts';

export type { Attributes } from './shapes/spec.ts';

/** Domains beside ONNX's own (the empty string). */
export const microsoftDomain = 'com.microsoft';
/** The runtime's blocked-layout operators; internal to it, so their use is probed at start-up. */
export const blockedDomain = 'com.microsoft.nchwc';
/** This project's composites: layers and gradients that each lowering expands in its own way; they never reach ONNX Runtime. */
export const compositeDomain = 'ttfnet';

const standard: Record<string, OpSpec> = { ...elementwiseOps, ...reduceOps, ...spatialOps.standard, ...structureOps };
const tables: Record<string, Record<string, OpSpec>> = {
  '': standard,
  [microsoftDomain]: { FusedMatMul: structureOps['FusedMatMul']! },
  [blockedDomain]: blockedOps,
  [compositeDomain]: { ...spatialOps.composite, ...layerComposites },
};

/** The row of an operator, or undefined when the graph builder doesn't know it. */
export function opSpec(domain: Domain, op: string): OpSpec | undefined {
  return tables[domain]?.[op];
}
