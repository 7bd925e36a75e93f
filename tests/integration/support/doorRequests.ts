// Requests that the door of `serve` refuses, as raw text: other hosts, sites and methods, ways out of the folder, broken heads, smuggled requests.

/** Who asks: the port, and a cookie that would let in. */
export interface Asker {
  port: number;
  cookie: string;
}

/** A request and the answers that are right for it. */
export interface DoorRequest {
  what: string;
  text: string;
  /** Statuses; 0 for a connection that is closed without an answer. */
  right: readonly number[];
}

type Headers = readonly (readonly [name: string, value: string])[];

function request(address: string, headers: Headers, method = 'GET'): string {
  const upgrades = headers.some(([name]) => name === 'Upgrade');
  const all: Headers = upgrades ? headers : [...headers, ['Connection', 'close']];
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${address} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

const otherNames = [
  ...['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'evil.example#', '0.0.0.0', '127.1'],
  ...['2130706433', '0x7f000001', '[::ffff:127.0.0.1]', '169.254.169.254', '', ' ', 'localhost\u00e9', '127.0.0.2'],
];

const otherOrigins = (port: number): string[] => [
  ...['http://evil.example', 'null', `https://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`, 'http://127.0.0.1'],
  ...[`http://127.0.0.1:${port}.evil.example`, `http://localhost:${port}/`, 'file://'],
];

const waysOut = [
  ...[
    '/../package.json',
    '/../../package.json',
    '/assets/../../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
  ],
  ...['/%2e%2e%2f%2e%2e%2fpackage.json', '/..%252fpackage.json', '/%252e%252e/package.json', '/..\\package.json'],
  ...['/..%5cpackage.json', '/%5c..%5cpackage.json', '/assets/..%c0%afpackage.json', '/%00', '/index.html%00.js'],
  ...['/etc/passwd', '//etc/passwd', '/%2fetc/passwd', '/file:///etc/passwd', '/C:/Windows/win.ini', '/~root/.profile'],
  ...[
    '/.env',
    '/.git/config',
    '/main/main.js',
    '/../main/worker.js',
    '/media/../../etc/passwd',
    '/media/cover/..%2f..%2fx',
  ],
  ...['/media/x/image/..%2f..%2f..%2fetc%2fpasswd', '/media/jobs/result/..%2f..%2fx/0'],
];

const malformed = [
  '/%',
  '/%ff',
  '/media/%',
  '/media/%ff/x/1',
  '/media/x/image/%e0%a4',
  '/media/cover/%',
  '/?key=%',
  '/?key',
];

const brokenHeads = (host: string): [string, string][] => [
  ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['two hosts', `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`],
  ['HTTP/1.0 without host', 'GET / HTTP/1.0\r\n\r\n'],
  ['HTTP/9', `GET / HTTP/9.9\r\nHost: ${host}\r\n\r\n`],
  ['a header of 64 KB', `GET / HTTP/1.1\r\nHost: ${host}\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`],
  ['an address of 64 KB', `GET /${'x'.repeat(65_536)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ['2,000 headers', `GET / HTTP/1.1\r\nHost: ${host}\r\n${'A: b\r\n'.repeat(2000)}Connection: close\r\n\r\n`],
  ['a header without a name', `GET / HTTP/1.1\r\nHost: ${host}\r\n: x\r\nConnection: close\r\n\r\n`],
  ['NUL in a header', `GET / HTTP/1.1\r\nHost: ${host}\r\nX: a\0b\r\nConnection: close\r\n\r\n`],
  ['a folded header', `GET / HTTP/1.1\r\nHost: ${host}\r\nX: a\r\n b\r\nConnection: close\r\n\r\n`],
  ['bare line feeds', `GET / HTTP/1.1\nHost: ${host}\n\n`],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'],
  [
    'both lengths',
    `GET / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['a wrong length', `GET / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: -1\r\n\r\n`],
  ['two lengths', `GET / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx`],
  ['a broken chunk', `POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ['a preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
];

const wrongSecrets = (cookie: string): Headers[] => {
  const [name = '', value = ''] = cookie.split('=');
  return [
    [],
    [['Cookie', '']],
    [['Cookie', name]],
    [['Cookie', `${name}=`]],
    [['Cookie', `${name}=${value}x`]],
    [['Cookie', `${name}=${value.slice(0, -1)}`]],
    [['Cookie', `${name}=${value.toUpperCase()}`]],
    [['Cookie', `other=${value}`]],
    [['Cookie', `${name}=.`]],
    [['Cookie', `${name}=zzzzzzzzz.${value.split('.')[1] ?? ''}`]],
    [['Authorization', `Bearer ${value}`]],
    [['X-Forwarded-For', '127.0.0.1']],
  ];
};

/** Upgrades over which no call may be made: the path, and what differs from a right one. */
const wrongUpgrades: [string, Record<string, string>][] = [
  ['/', {}],
  ['/RPC', {}],
  ['/rpc/', {}],
  ['//rpc', {}],
  ['/media/x/image/1', {}],
  ['/rpc', { Upgrade: 'h2c' }],
  ['/rpc', { 'Sec-WebSocket-Version': '7' }],
  ['/rpc', { 'Sec-WebSocket-Key': 'short' }],
  ['/rpc', { Cookie: '' }],
  ['/rpc', { Host: 'evil.example' }],
  ['/rpc', { Origin: '' }],
];

const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND'];
const sites = ['cross-site', 'same-site', 'none, cross-site', 'x'];
const keys = ['', 'x', '0'.repeat(32), '%00', '%F0%9F%90%A6', 'x'.repeat(5000)];

/** All of them. */
export function doorRequests({ port, cookie }: Asker): DoorRequest[] {
  const host = `127.0.0.1:${port}`;
  const known: Headers = [
    ['Host', host],
    ['Cookie', cookie],
  ];
  const refused = [400, 403, 404];
  const asking = {
    ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const own = { Host: host, Cookie: cookie, Origin: `http://${host}`, ...asking };
  return [
    ...otherNames.flatMap((name) => [
      {
        what: `host ${name}`,
        text: request('/', [
          ['Host', name],
          ['Cookie', cookie],
        ]),
        right: [400, 403],
      },
      {
        what: `host ${name} with port`,
        text: request('/', [
          ['Host', `${name}:${port}`],
          ['Cookie', cookie],
        ]),
        right: [400, 403],
      },
    ]),
    ...otherOrigins(port).flatMap((origin) => [
      { what: `origin ${origin}`, text: request('/assets/x.js', [...known, ['Origin', origin]]), right: [403] },
      {
        what: `upgrade from ${origin}`,
        text: request('/rpc', Object.entries({ ...own, Origin: origin })),
        right: [403],
      },
    ]),
    ...waysOut.map((address) => ({ what: address, text: request(address, known), right: refused })),
    ...malformed.map((address) => ({ what: address, text: request(address, known), right: [303, 400, 404] })),
    ...brokenHeads(host).map(([what, text]) => ({ what, text, right: [0, 400, 401, 403, 405, 408, 414, 431, 505] })),
    ...wrongSecrets(cookie).map((headers) => ({
      what: JSON.stringify(headers),
      text: request('/', [['Host', host], ...headers]),
      right: [401],
    })),
    ...wrongUpgrades.map(([address, change]) => ({
      what: `upgrade ${address} ${JSON.stringify(change)}`,
      text: request(address, Object.entries({ ...own, ...change })),
      right: [400, 401, 403, 404, 405, 426],
    })),
    ...methods.map((method) => ({ what: method, text: request('/', known, method), right: [0, 400, 405] })),
    ...sites.map((site) => ({
      what: site,
      text: request('/media/x/image/1', [...known, ['Sec-Fetch-Site', site]]),
      right: [403],
    })),
    ...keys.map((key) => ({ what: `key ${key}`, text: request(`/?key=${key}`, [['Host', host]]), right: [401] })),
  ];
}
