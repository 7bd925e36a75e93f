// What strangers do to a port: requests that no client would send, and connections broken at the worst moment.
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';

/** A connection of a stranger; its errors are what it is for. */
export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });
}

/** Sends `text` and reads until the other side closes, or resets. */
export async function send(port: number, text: string): Promise<string> {
  const socket = await open(port);
  let answer = '';
  socket.on('data', (data) => (answer += data.toString('latin1')));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(text);
  await closed;
  return answer;
}

/** Sends `text` and resets the connection without reading the answer. */
export async function sendAndReset(port: number, text: string): Promise<void> {
  const socket = await open(port);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(text, () => socket.resetAndDestroy());
  await closed;
}

/** Head of a request to upgrade; `more` are further header lines. */
export function upgrade(port: number, address: string, more: Record<string, string> = {}): string {
  const headers = {
    ...{ Host: `127.0.0.1:${port}`, Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
    ...{ 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', ...more },
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${address} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Sends one message over a socket of its own; the code with which the other side closes, or `answered`. */
export function sendMessage(port: number, cookie: string, message: string | Uint8Array): Promise<number | 'answered'> {
  const host = `127.0.0.1:${port}`;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${host}/rpc`, { headers: { Cookie: cookie, Origin: `http://${host}` } });
    socket.on('open', () => socket.send(message));
    socket.on('message', () => {
      resolve('answered');
      socket.close();
    });
    socket.on('close', (code) => resolve(code));
    socket.on('error', reject);
  });
}
