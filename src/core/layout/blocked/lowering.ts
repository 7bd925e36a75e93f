// The state of a lowering to the blocked layout: which forms every value of the source graph has in the target, and what waits to be
// emitted until it is known what can be fused into it.
import { StudioError } from '../../../shared/errors.ts';
import { Graph, type Node, type Value } from '../../onnx/graph.ts';
import { blockedDomain } from '../../onnx/opTable.ts';
import { pad } from '../../onnx/ops/structure.ts';
import { graphFromStored, graphToStored, roundUp, storedShape, toStored, type Storage } from './storage.ts';

/** A value that is complete but for what may be fused into it, or into which it may be fused. */
export interface Pending {
  /** Emits it. `sum` (blocked) is added, then `relu` applied. */
  emit: (sum: Value | null, relu: boolean) => Value;
  sum: Value | null;
  relu: boolean;
  /** Nothing can be fused into it; what follows says how it can be fused itself. */
  closed?: boolean;
  /** A per-channel shift in the same pass: blocked [N, C, 1, 1]; null where it doesn't fit. */
  withShift?: (shift: Value) => Pending | null;
  /** The value is this, blocked [N, C, 1, 1], spread over a map. */
  spread?: Value;
  /** The value is the product of these maps of the source graph. */
  product?: readonly [Value, Value];
}

interface Forms {
  plain?: Value;
  blocked?: Value;
  stored?: { value: Value; storage: Storage };
  pending?: Pending;
}

/** Translates values of one graph into another, in the form that is asked for. */
export class Lowering {
  readonly target = new Graph();
  readonly block: number;
  readonly #forms = new Map<string, Forms>();
  readonly #uses = new Map<string, number>();
  readonly #shared = new Map<string, Value>();
  readonly #source: Graph;

  constructor(source: Graph, block: number) {
    this.#source = source;
    this.block = block;
    const count = (v: Value | null): void => {
      if (v) this.#uses.set(v.name, (this.#uses.get(v.name) ?? 0) + 1);
    };
    for (const node of source.nodes) node.inputs.forEach(count);
    for (const { value } of source.outputs) count(value);
  }

  /** Whether exactly one node or output uses a source value. */
  usedOnce(source: Value): boolean {
    return this.#uses.get(source.name) === 1;
  }

  /** Records the unblocked form of a source value. */
  setPlain(source: Value, value: Value): void {
    this.#of(source).plain = value;
  }

  /** Records the blocked form of a source value [N, C, H, W]: [N, C rounded up, H, W] in memory [N][C / b][H][W][b]. */
  setBlocked(source: Value, value: Value): void {
    this.#of(source).blocked = value;
  }

  /** Records a parameter, or the gradient of one, in its storage. */
  setStored(source: Value, value: Value, storage: Storage): void {
    this.#of(source).stored = { value, storage };
  }

  /** Records a value that is to be emitted when first used. */
  setPending(source: Value, pending: Pending): void {
    this.#of(source).pending = pending;
  }

  /** What waits behind a source value, if it has one reader and was not emitted yet. */
  takePending(source: Value): Pending | null {
    const { pending, blocked } = this.#of(source);
    return pending && !blocked && this.usedOnce(source) ? pending : null;
  }

  /** Whether the value is at hand in blocked form without a conversion. */
  isBlocked(source: Value): boolean {
    const { blocked, pending } = this.#of(source);
    return blocked !== undefined || pending !== undefined;
  }

  /** The unblocked form, converting once where needed. */
  plain(source: Value): Value {
    const forms = this.#of(source);
    if (forms.plain) return forms.plain;
    const constant = this.#source.constantData(source);
    if (constant) forms.plain = this.target.constant(source.dtype, constant, source.shape, `c/${source.name}`);
    else if (forms.stored) forms.plain = graphFromStored(forms.stored.value, forms.stored.storage);
    else if (this.isBlocked(source)) forms.plain = this.reorderOutput(this.blocked(source), source.shape[1]!);
    else throw new StudioError('internal', `value ${source.name} was not lowered before it was used`);
    return forms.plain;
  }

  /** The blocked form, converting once where needed. Only for float32 [N, C, H, W]. */
  blocked(source: Value): Value {
    const forms = this.#of(source);
    if (!forms.blocked && forms.pending) forms.blocked = forms.pending.emit(forms.pending.sum, forms.pending.relu);
    forms.blocked ??= this.reorderInput(this.plain(source));
    return forms.blocked;
  }

  /** The stored form; constants are brought into storage here and now. */
  stored(source: Value, storage: Storage): Value {
    const forms = this.#of(source);
    if (forms.stored?.storage.kind === storage.kind) return forms.stored.value;
    const constant = this.#source.constantData(source);
    const value = constant
      ? this.target.constant(
          'float32',
          toStored(constant as Float32Array, storage),
          storedShape(storage),
          `${storage.kind}/${source.name}`,
        )
      : graphToStored(this.plain(source), storage);
    if (!forms.stored) forms.stored = { value, storage };
    return value;
  }

  /** [N, C, H, W] -> blocked, channels padded with zeros. */
  reorderInput(value: Value): Value {
    const missing = roundUp(value.shape[1]!, this.block) - value.shape[1]!;
    const padded = missing > 0 ? pad(value, [0, 0, 0, 0, 0, missing, 0, 0]) : value;
    return this.nchwc('ReorderInput', [padded]);
  }

  /** Blocked -> [N, channels, H, W]. */
  reorderOutput(value: Value, channels: number): Value {
    return this.nchwc('ReorderOutput', [value], { channels });
  }

  /** Adds a blocked-layout operator to the target. */
  nchwc(op: string, inputs: readonly (Value | null)[], attributes: Node['attributes'] = {}): Value {
    return this.target.add(op, inputs, attributes, blockedDomain)[0]!;
  }

  /** A target value that several rules may want: made the first time. */
  once(key: string, make: () => Value): Value {
    const known = this.#shared.get(key) ?? make();
    this.#shared.set(key, known);
    return known;
  }

  #of(source: Value): Forms {
    let forms = this.#forms.get(source.name);
    if (!forms) this.#forms.set(source.name, (forms = {}));
    return forms;
  }
}

/** Lowers one node: records forms of its outputs and returns true, or returns false to have it copied on unblocked values. */
export type BlockedRule = (node: Node, lowering: Lowering) => boolean;
