// Writes a graph as an ONNX model file (protobuf), after verifying it.
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  type AttributeProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from 'onnx-buf';
import { StudioError } from '../../shared/errors.ts';
import type { Graph, Node, Value } from './graph.ts';
import { blockedDomain, microsoftDomain, opSpec } from './opTable.ts';
import type { AttributeKind } from './shapes/spec.ts';
import { onnxTypeOf, type TensorData } from './tensorType.ts';
import { verify } from './verify.ts';

/** ONNX operator set the models are written for: the lowest with DeformConv and its peers at the versions used here. */
export const opsetVersion = 22;
const irVersion = 10;

/** How a model is written. */
export interface EncodeOptions {
  /**
   * Lists the nodes last first. ONNX Runtime walks back from its outputs and takes nodes of higher index first: a reversed list makes it
   * run the nodes in the order of the graph. Otherwise a training step computes all masks early and all weight gradients late, and holds
   * half as much memory again. For sessions only: a file should be in topological order.
   */
  reversed?: boolean;
}

/**
 * Serialises a graph as an ONNX model.
 * @returns bytes of a ModelProto that ONNX Runtime loads as it is
 * @throws graph-invalid when the verifier refuses it, or a composite was left that a lowering should have expanded
 */
export function encodeModel(graph: Graph, { reversed = false }: EncodeOptions = {}): Uint8Array {
  verify(graph);
  const nodes = encodeNodes(graph);
  const domains = new Set(['', ...graph.nodes.map((n) => n.domain)]);
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    producerName: 'ttfnet-studio',
    opsetImport: [...domains].map((domain) => ({ domain, version: BigInt(domain === '' ? opsetVersion : 1) })),
    metadataProps: Object.entries(graph.metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: 'ttfnet',
      node: reversed ? nodes.reverse() : nodes,
      input: graph.inputs.map(encodeValue),
      output: graph.outputs.map(({ name, value }) => encodeValue({ ...value, name })),
      initializer: [...graph.constants].map(([name, data]) => encodeTensor(name, data, graph)),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

/** All nodes, every output's renaming right behind its producer. */
function encodeNodes(graph: Graph): MessageInitShape<typeof NodeProtoSchema>[] {
  const produced = new Set(graph.nodes.flatMap((n) => n.outputs.map((v) => v.name)));
  const renamings = new Map<string, MessageInitShape<typeof NodeProtoSchema>[]>();
  for (const output of graph.outputs) {
    const key = produced.has(output.value.name) ? output.value.name : '';
    renamings.set(key, [...(renamings.get(key) ?? []), ...renameOutput(output)]);
  }
  const behind = (name: string): MessageInitShape<typeof NodeProtoSchema>[] => renamings.get(name) ?? [];
  return [...behind(''), ...graph.nodes.flatMap((n) => [encodeNode(n), ...n.outputs.flatMap((v) => behind(v.name))])];
}

/** An output under its public name: one Identity, which the runtime removes. */
function renameOutput({ name, value }: { name: string; value: Value }): MessageInitShape<typeof NodeProtoSchema>[] {
  return name === value.name
    ? []
    : [{ opType: 'Identity', name: `output/${name}`, input: [value.name], output: [name] }];
}

function encodeNode(node: Node): MessageInitShape<typeof NodeProtoSchema> {
  if (node.domain !== '' && node.domain !== microsoftDomain && node.domain !== blockedDomain)
    throw new StudioError(
      'graph-invalid',
      `${node.op} (node ${node.name}) is a composite; lower the graph before writing it`,
    );
  const kinds = opSpec(node.domain, node.op)!.attributes;
  return {
    opType: node.op,
    domain: node.domain,
    name: node.name,
    input: node.inputs.map((v) => v?.name ?? ''),
    output: node.outputs.map((v) => v.name),
    attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, kinds[name]!, value)),
  };
}

function encodeAttribute(
  name: string,
  kind: AttributeKind,
  value: number | string | readonly number[],
): MessageInitShape<typeof AttributeProtoSchema> {
  switch (kind) {
    case 'int':
      return { name, type: AttributeType.INT, i: BigInt(value as number) };
    case 'float':
      return { name, type: AttributeType.FLOAT, f: value as number };
    case 'string':
      return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value as string) };
    case 'ints':
      return { name, type: AttributeType.INTS, ints: (value as readonly number[]).map(BigInt) };
    case 'floats':
      return { name, type: AttributeType.FLOATS, floats: [...(value as readonly number[])] };
  }
}

function encodeValue(value: Value): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = value.shape.map((d) => ({ value: { case: 'dimValue' as const, value: BigInt(d) } }));
  return {
    name: value.name,
    type: { value: { case: 'tensorType', value: { elemType: onnxTypeOf[value.dtype], shape: { dim } } } },
  };
}

function encodeTensor(name: string, data: TensorData, graph: Graph): MessageInitShape<typeof TensorProtoSchema> {
  const { dtype, shape } = graph.value(name)!;
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return { name, dims: shape.map(BigInt), dataType: onnxTypeOf[dtype], rawData: bytes };
}
