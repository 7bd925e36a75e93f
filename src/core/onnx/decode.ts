// Reads the outside of an ONNX model file: inputs, outputs, metadata, operators. ONNX Runtime runs the inside.
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type ValueInfoProto } from 'onnx-buf';
import { StudioError } from '../../shared/errors.ts';

/** A graph input or output as a model file declares it; a dimension without a fixed length is null. */
export interface Port {
  name: string;
  elementType: number;
  shape: (number | null)[];
}

/** What a model file says of itself. */
export interface ModelSummary {
  producer: string;
  opsets: Record<string, number>;
  metadata: Record<string, string>;
  inputs: Port[];
  outputs: Port[];
  /** Number of nodes by operator. */
  operators: Record<string, number>;
}

/**
 * Reads a model's interface without running it.
 * @param file name for messages
 * @throws model-invalid when the bytes are no ONNX model
 */
export function summarizeModel(bytes: Uint8Array, file: string): ModelSummary {
  const model = parse(bytes, file);
  const graph = model.graph;
  if (!graph || graph.node.length === 0)
    throw new StudioError(
      'model-invalid',
      `${file} is not an ONNX model: it has no graph. Choose an .onnx file that this app exported.`,
    );
  const constants = new Set(graph.initializer.map((t) => t.name));
  const operators: Record<string, number> = {};
  for (const node of graph.node) operators[node.opType] = (operators[node.opType] ?? 0) + 1;
  return {
    producer: model.producerName,
    opsets: Object.fromEntries(model.opsetImport.map((o) => [o.domain, Number(o.version)])),
    metadata: Object.fromEntries(model.metadataProps.map((p) => [p.key, p.value])),
    inputs: graph.input.filter((v) => !constants.has(v.name)).map(port),
    outputs: graph.output.map(port),
    operators,
  };
}

function parse(bytes: Uint8Array, file: string): ReturnType<typeof fromBinary<typeof ModelProtoSchema>> {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new StudioError(
      'model-invalid',
      `${file} is not an ONNX model, or it is damaged. Choose an .onnx file that this app exported.`,
      error,
    );
  }
}

function port(value: ValueInfoProto): Port {
  const tensor = value.type?.value.case === 'tensorType' ? value.type.value.value : undefined;
  const shape = (tensor?.shape?.dim ?? []).map((d) => (d.value.case === 'dimValue' ? Number(d.value.value) : null));
  return { name: value.name, elementType: tensor?.elemType ?? 0, shape };
}
