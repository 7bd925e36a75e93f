// The shape of every handler: a plain function of a checked input and the call it came with. The table of all handlers is complete or it doesn't compile.
import type { ContractProcedure, ErrorMap, InferSchemaInput, InferSchemaOutput, Meta } from '@orpc/contract';
import type { contract } from '../../shared/contract/index.ts';

/** Who calls, and whether they are still there. */
export interface Call {
  /** Number of the connection (a window or a tab) that calls. */
  connection: number;
  /** Aborts when the caller cancels or goes away. */
  signal: AbortSignal;
}

type Contract = typeof contract;

/** The function that answers one call of the contract. */
export type HandlerOf<P> =
  P extends ContractProcedure<infer I, infer O, ErrorMap, Meta>
    ? (input: InferSchemaOutput<I>, call: Call) => Promise<InferSchemaInput<O>> | InferSchemaInput<O>
    : never;

/** All handlers of one domain. */
export type DomainHandlers<D extends keyof Contract> = { [C in keyof Contract[D]]: HandlerOf<Contract[D][C]> };

/** All handlers. */
export type Handlers = { [D in keyof Contract]: DomainHandlers<D> };
