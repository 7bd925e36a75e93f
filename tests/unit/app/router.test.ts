// The handler table: complete against the contract, and every call answered by the function of its name.
import { expect, test } from 'vitest';
import { createHandlers } from '../../../src/app/handlers/index.ts';
import { routerOf } from '../../../src/app/router.ts';
import type { Services } from '../../../src/app/host/services.ts';
import { contract } from '../../../src/shared/contract/index.ts';

const names = (table: object) =>
  Object.entries(table).flatMap(([domain, calls]) => Object.keys(calls as object).map((call) => `${domain}.${call}`));

// Making the table touches a few services but calls none of them.
const services = { options: { access: {}, shell: { kind: 'browser' } } } as unknown as Services;

test('every name of the contract has a handler, and no handler is without a name', () => {
  const handlers = createHandlers(services);
  expect(names(handlers).sort()).toEqual(names(contract).sort());
  for (const calls of Object.values(handlers))
    for (const handler of Object.values(calls)) expect(handler).toBeTypeOf('function');
});

test('a missing handler would be found: the router has exactly the contract’s names', () => {
  expect(names(routerOf(createHandlers(services))).sort()).toEqual(names(contract).sort());
});
