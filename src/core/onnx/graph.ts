// The graph: values, nodes and constants in memory, built op by op with every shape inferred and checked on the spot.
import { StudioError } from '../../shared/errors.ts';
import { opSpec, type Attributes } from './opTable.ts';
import { formatShape, sizeOf, type DType, type TensorData, type TensorType } from './tensorType.ts';

/** A tensor that flows through a graph: produced by one node, or a graph input, or a constant. */
export interface Value extends TensorType {
  readonly graph: Graph;
  readonly name: string;
}

/** One application of an operator. An absent optional input is null. */
export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/**
 * An ONNX graph under construction. Nodes are appended in topological order by nature: a node can only use values that exist.
 * Shapes are static; a wrong shape throws `graph-invalid`, naming the op, the node and the shapes.
 */
export class Graph {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly outputs: { name: string; value: Value }[] = [];
  readonly metadata: Record<string, string> = {};
  readonly #constants = new Map<string, TensorData>();
  readonly #constantCache = new Map<string, Value>();
  readonly #values = new Map<string, Value>();
  readonly #scopes: string[] = [];
  #counter = 0;

  /** Declares a graph input that is fed at run time. @throws graph-invalid when the name is taken */
  input(name: string, dtype: DType, shape: readonly number[]): Value {
    const value = this.#value(name, { dtype, shape });
    this.inputs.push(value);
    return value;
  }

  /** Adds a constant (an ONNX initializer). `data` is kept, not copied. @throws graph-invalid when its length isn't that of `shape` */
  constant(dtype: DType, data: TensorData, shape: readonly number[], name = this.#fresh('const')): Value {
    if (data.length !== sizeOf(shape))
      throw new StudioError(
        'graph-invalid',
        `constant ${name} has ${data.length} elements, its shape ${formatShape(shape)} needs ${sizeOf(shape)}`,
      );
    const value = this.#value(name, { dtype, shape });
    this.#constants.set(name, data);
    return value;
  }

  /** A float32 scalar constant; equal ones are shared. */
  scalar(x: number): Value {
    return this.#cached(`f${x}`, () => this.constant('float32', Float32Array.of(x), []));
  }

  /** A one-dimensional int64 constant; equal ones are shared. */
  ints(values: readonly number[]): Value {
    return this.#cached(`i${values.join(',')}`, () =>
      this.constant('int64', BigInt64Array.from(values, BigInt), [values.length]),
    );
  }

  /** The value of that name, or undefined. */
  value(name: string): Value | undefined {
    return this.#values.get(name);
  }

  /** Data of a constant, or undefined when the value isn't one. */
  constantData(value: Value): TensorData | undefined {
    return this.#constants.get(value.name);
  }

  /** All constants by name. */
  get constants(): ReadonlyMap<string, TensorData> {
    return this.#constants;
  }

  /**
   * Appends a node and infers its outputs.
   * @param outputNames names for the outputs; fresh ones where absent
   * @throws graph-invalid naming op, node and input shapes when the op is unknown or its inputs or attributes don't fit
   */
  add(
    op: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes = {},
    domain = '',
    outputNames: string[] = [],
  ): Value[] {
    const name = this.#fresh(op);
    const types = inferOutputs({ op, domain, name, inputs, attributes });
    const outputs = types.map((type, i) =>
      this.#value(outputNames[i] ?? (i === 0 ? `${name}_out` : `${name}_out${i}`), type),
    );
    this.nodes.push({ op, domain, name, inputs, outputs, attributes });
    return outputs;
  }

  /** Marks a value as a graph output under `name`. The same value may be an output twice. */
  output(name: string, value: Value): void {
    this.outputs.push({ name, value });
  }

  /** Runs `body` with `scope/` in front of the names of the nodes it adds, so that errors and profiles say which layer they mean. */
  scoped<T>(scope: string, body: () => T): T {
    this.#scopes.push(scope);
    try {
      return body();
    } finally {
      this.#scopes.pop();
    }
  }

  #cached(key: string, make: () => Value): Value {
    const known = this.#constantCache.get(key);
    if (known) return known;
    const value = make();
    this.#constantCache.set(key, value);
    return value;
  }

  #fresh(op: string): string {
    this.#counter += 1;
    return [...this.#scopes, `${op}_${this.#counter}`].join('/');
  }

  #value(name: string, type: TensorType): Value {
    if (this.#values.has(name)) throw new StudioError('graph-invalid', `the name ${name} is used twice in one graph`);
    const value = { graph: this, name, dtype: type.dtype, shape: [...type.shape] };
    this.#values.set(name, value);
    return value;
  }
}

/** Applies an op's shape rule to a node. @throws graph-invalid naming op, node and input shapes */
export function inferOutputs(node: Omit<Node, 'outputs'>): TensorType[] {
  const described = node.inputs.map((v) => (v ? `${v.dtype}${formatShape(v.shape)}` : 'none')).join(', ');
  const where = `${node.domain ? `${node.domain}.` : ''}${node.op} (node ${node.name}, inputs ${described})`;
  const spec = opSpec(node.domain, node.op);
  if (!spec) throw new StudioError('graph-invalid', `${where}: unknown operator`);
  for (const key of Object.keys(node.attributes))
    if (!(key in spec.attributes)) throw new StudioError('graph-invalid', `${where}: unknown attribute ${key}`);
  try {
    return spec.infer({
      inputs: node.inputs.map((v) => v && { dtype: v.dtype, shape: v.shape, data: v.graph.constantData(v) }),
      attributes: node.attributes,
    });
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    throw new StudioError('graph-invalid', `${where}: ${error.message}`, error);
  }
}
