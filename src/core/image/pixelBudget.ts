// How many pictures are decoded side by side in this process: as many as memory allows, of huge ones a single one.
import { saying } from '../../shared/errors.ts';
import { nameOf, type ImageSource, type Probe } from './source.ts';

/** Bytes that decoding may take in this process at a time; a picture that takes more by itself is decoded alone. */
const budgetBytes = 512 * 1024 * 1024;

/** Bytes that one picture may take: a camera's largest in 16 bits with transparency stays below. */
const maxBytes = 1536 * 1024 * 1024;

interface Waiting {
  bytes: number;
  start: () => void;
}

/** Lets work begin in the order in which it asked, while what it takes fits beside what runs. */
export class Budget {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #used = 0;

  /** @param limit what may be taken at a time; more than that is taken alone */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs `work`, which takes `bytes`, when there is room. */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(bytes, this.#limit);
    await new Promise<void>((start) => {
      this.#waiting.push({ bytes: taken, start });
      this.#startNext();
    });
    try {
      return await work();
    } finally {
      this.#used -= taken;
      this.#startNext();
    }
  }

  #startNext(): void {
    for (let [next] = this.#waiting; next && this.#used + next.bytes <= this.#limit; [next] = this.#waiting) {
      this.#waiting.shift();
      this.#used += next.bytes;
      next.start();
    }
  }
}

const budget = new Budget(budgetBytes);

/** Bytes of a picture's pixels as its decoder holds them: some formats can't be read row by row. */
export const decodedBytes = ({ width, height, pixelBytes }: Probe): number => width * height * pixelBytes;

/** Throws `image-too-large` for a picture that takes more memory than there is for one. */
export function checkMemory(info: Probe, source: ImageSource): void {
  const bytes = decodedBytes(info);
  if (bytes <= maxBytes) return;
  const inMegabytes = (n: number): number => Math.round(n / 2 ** 20);
  const size = { size: inMegabytes(bytes), most: inMegabytes(maxBytes) };
  throw saying('image-too-large', 'image.memory', { file: nameOf(source), ...size });
}

/** Runs the decoding of a picture when there is memory for it beside the others. */
export const withinBudget = <T>(info: Probe, decode: () => Promise<T>): Promise<T> =>
  budget.run(decodedBytes(info), decode);
