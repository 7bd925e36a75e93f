// The two secrets of browser mode: the key in the link, which lets one browser in and is then replaced, and the cookie that this browser keeps.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { JsonFile, personOnly } from '../app/host/jsonFile.ts';
import type { LogError } from '../app/host/wireErrors.ts';

/** How long a browser that was let in stays so. */
const cookieDays = 30;
const day = 86_400_000;
const newSecret = (): string => randomBytes(24).toString('base64url');

/** What is kept between starts, so that an open page finds its program again after a restart on the same port. */
const kept = z.object({ cookies: z.string().length(32) });

/** Makes and checks keys and cookies. */
export class Keys {
  readonly #cookies: string;
  #link = newSecret();

  private constructor(cookies: string) {
    this.#cookies = cookies;
  }

  /** Reads the secret of cookies from the program's folder, or makes one; a disk that doesn't take it is logged, and browsers are let in until the end. */
  static async open(dataFolder: string, log: LogError): Promise<Keys> {
    const file = await JsonFile.open(path.join(dataFolder, 'serve.json'), kept, { cookies: '' }, personOnly);
    const cookies = file.value.cookies || newSecret();
    if (file.value.cookies === '') await file.set({ cookies }).catch((error: unknown) => log('serve', error));
    return new Keys(cookies);
  }

  /** The key of the link that is good now. */
  get link(): string {
    return this.#link;
  }

  /** Uses up the link's key: true once for each. */
  enter(key: string): boolean {
    const good = same(key, this.#link);
    if (good) this.#link = newSecret();
    return good;
  }

  /** A cookie for a browser that was let in at `now`, for the server on `port`. */
  cookie(port: number, now = Date.now()): string {
    const until = (now + cookieDays * day).toString(36);
    return `${until}.${this.#sign(until, port)}`;
  }

  /** Whether a cookie is one of ours, for this port, and not too old. */
  knows(cookie: string, port: number, now = Date.now()): boolean {
    const [until = '', signature = ''] = cookie.split('.');
    return same(signature, this.#sign(until, port)) && now < parseInt(until, 36);
  }

  #sign(until: string, port: number): string {
    return createHmac('sha256', this.#cookies).update(`${until} ${port}`).digest('base64url');
  }
}

function same(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
