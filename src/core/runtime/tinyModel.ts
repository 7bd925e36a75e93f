// Models of one node for probes and measurements, written without the graph builder: the runtime knows no other room.
import { create, toBinary } from '@bufbuild/protobuf';
import { AttributeProto_AttributeType as AttributeType, ModelProtoSchema, TensorProto_DataType } from 'onnx-buf';

/** One operator between float32 graph inputs and its one output `y`. */
export interface TinyModel {
  op: string;
  /** Default: the standard domain. */
  domain?: string;
  /** Shapes of the inputs by name, in the operator's order; strings are free sizes. */
  inputs: Record<string, readonly (number | string)[]>;
  /** Shape of `y`. */
  output: readonly (number | string)[];
  /** Integer-list attributes. */
  ints?: Record<string, readonly number[]>;
}

/** Serialises it: ONNX 1.16, operator set 21. */
export function encodeTinyModel({ op, domain = '', inputs, output, ints = {} }: TinyModel): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [...new Set(['', domain])].map((d) => ({ domain: d, version: d === '' ? 21n : 1n })),
    graph: {
      name: op,
      node: [{ opType: op, domain, name: op, input: Object.keys(inputs), output: ['y'], attribute: lists(ints) }],
      input: Object.entries(inputs).map(([name, shape]) => port(name, shape)),
      output: [port('y', output)],
    },
  });
  return toBinary(ModelProtoSchema, model);
}

const lists = (ints: Record<string, readonly number[]>) =>
  Object.entries(ints).map(([name, list]) => ({ name, type: AttributeType.INTS, ints: list.map(BigInt) }));

const port = (name: string, shape: readonly (number | string)[]) => ({
  name,
  type: {
    value: {
      case: 'tensorType' as const,
      value: { elemType: TensorProto_DataType.FLOAT, shape: { dim: shape.map(dimension) } },
    },
  },
});

const dimension = (size: number | string) => ({
  value:
    typeof size === 'number'
      ? { case: 'dimValue' as const, value: BigInt(size) }
      : { case: 'dimParam' as const, value: size },
});
