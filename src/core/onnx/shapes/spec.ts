// The form of an operator's row, and the checks that shape rules share.
import { StudioError } from '../../../shared/errors.ts';
import { formatShape, type TensorData, type TensorType } from '../tensorType.ts';

/** An ONNX operator domain; empty for the standard one. */
export type Domain = string;

/** Attribute values of a node; how each is written to the file is said by the op's row. */
export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/** Attribute types of ONNX that the graphs use. */
export type AttributeKind = 'int' | 'ints' | 'float' | 'floats' | 'string';

/** An input as a shape rule sees it: its type, and its data when it is a constant. */
export type RuleInput = (TensorType & { readonly data: TensorData | undefined }) | null;

/** What a shape rule sees of a node. */
export interface RuleContext {
  readonly inputs: readonly RuleInput[];
  readonly attributes: Attributes;
}

/** One operator: attribute types and shape rule. */
export interface OpSpec {
  readonly attributes: Readonly<Record<string, AttributeKind>>;
  /** Types of the outputs. @throws graph-invalid when inputs or attributes don't fit */
  readonly infer: (context: RuleContext) => TensorType[];
}

/** Throws `graph-invalid` unless `condition` holds. */
export function need(condition: boolean, message: string): asserts condition {
  if (!condition) throw new StudioError('graph-invalid', message);
}

/** A required input. */
export function tensor(context: RuleContext, index: number): NonNullable<RuleInput> {
  const input = context.inputs[index];
  need(input != null, `input ${index} is missing`);
  return input;
}

/** A required input that must have `rank` dimensions. */
export function ranked(context: RuleContext, index: number, rank: number): NonNullable<RuleInput> {
  const input = tensor(context, index);
  need(input.shape.length === rank, `input ${index} must have rank ${rank}, has shape ${formatShape(input.shape)}`);
  return input;
}

/** Numbers of a constant integer or float input, which a shape depends on. */
export function constantNumbers(context: RuleContext, index: number): number[] {
  const input = tensor(context, index);
  need(input.data !== undefined, `input ${index} must be a constant: the output's shape depends on it`);
  return Array.from(input.data as ArrayLike<number | bigint>, Number);
}

/** Integer attribute, or `fallback` when absent. */
export function intAttribute(context: RuleContext, name: string, fallback: number): number {
  const value = context.attributes[name];
  need(value === undefined || typeof value === 'number', `attribute ${name} must be a number`);
  return value ?? fallback;
}

/** Integer-list attribute, or `fallback` when absent. */
export function intsAttribute(context: RuleContext, name: string, fallback: readonly number[]): readonly number[] {
  const value = context.attributes[name];
  need(value === undefined || typeof value === 'object', `attribute ${name} must be a list`);
  return value ?? fallback;
}
