// Messages over a connection that are no call: what a stranger, a bug or another version may send. None may cost more than its own connection.

/** A message as a WebSocket or a port carries it. */
type Message = string | Uint8Array;

const call = (payload: unknown): string => JSON.stringify({ i: 'k', p: payload });
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Their text is no JSON, or none that has an id and a payload. */
const noEnvelope: Message[] = [
  ...[
    '',
    ' ',
    '{',
    '}',
    '[',
    '"',
    '{"i":',
    '{"i":"k","p":',
    'undefined',
    'NaN',
    "{'i':'k'}",
    '\u0000',
    '\ud800',
    '{}}',
  ],
  ...['null', 'true', 'false', '0', '-1', '1e999', '"x"', '[]', '{}', '[[]]', '[null]', '{"i":"k"}', '{"p":{}}'],
  ...['{"i":"k","p":null}', '{"i":"k","p":[]}', '{"i":"k","p":{}}', '{"i":"k","p":"x"}', '{"i":null,"p":null}'],
  ...['{"i":"k","t":3}', '{"i":"k","t":3,"p":null}', '{"i":"k","t":2}', '{"i":"k","t":99}', '{"i":"k","t":"x","p":1}'],
];

/** Their payload names no address. */
const noAddress: Message[] = [
  ...[null, 1, {}, [], true, '', 'x', '//', 'http://', 'http://[', 'ftp:', '\u0000'].map((u) => call({ u })),
  call({ u: { toString: 'x' } }),
];

/** Their headers announce a body that isn't there. */
const noBody: Message[] = [
  call({ u: '/system/info', h: { 'content-type': 5 } }),
  call({ u: '/system/info', h: { 'content-type': 'multipart/form-data' } }),
  call({ u: '/system/info', h: { 'content-type': 'multipart/form-data; boundary=x' }, b: 'x' }),
  call({ u: '/system/info', h: { 'content-disposition': "attachment; filename*=utf-8''%" } }),
  call({ u: '/system/info', h: null, m: 5, b: { $: 1 } }).replace('null', '[{}]'),
];

/** Bytes that are no message. */
const noText: Message[] = [
  bytes(),
  bytes(0),
  bytes(255),
  bytes(255, 255, 255),
  bytes(0xc3, 0x28),
  text('{'),
  text('null'),
  text('{"i":"k","p":{"u":"/system/info","h":{"content-type":"multipart/form-data; boundary=x"}}}\u00ff'),
  new Uint8Array(65_536).fill(0x5b),
];

/** All of them. */
export const notCalls: readonly Message[] = [...noEnvelope, ...noAddress, ...noBody, ...noText];
