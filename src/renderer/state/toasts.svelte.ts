// Short messages to the person: kept in a list, the harmless ones going away by themselves.
import { StudioError } from '../../shared/errors.ts';
import type { Said } from '../../shared/said.ts';
import { i18n, told, toldBy } from '../i18n/i18n.svelte.ts';

/** One message. */
export interface Toast {
  id: number;
  tone: 'plain' | 'good' | 'bad';
  title: string;
  text?: string | undefined;
  action?: { label: string; run: () => void } | undefined;
}

const lifetime = 5000;

/** The messages that are shown now. */
export class Toasts {
  #list = $state<Toast[]>([]);
  #next = 0;

  /** Oldest first. */
  get list(): readonly Toast[] {
    return this.#list;
  }

  /** Says which folders and files were left out of a project's images; nothing where there is none. */
  passedOver(list: readonly { path: string; message: string; said: Said | null }[]): void {
    const [first] = list;
    if (!first) return;
    const text = `${first.path}: ${told(first.message, first.said)}`;
    this.show({ tone: 'bad', title: i18n.t('project.passedOver', { n: list.length }), text });
  }

  /** Shows a message; those that aren't errors close by themselves. */
  show(toast: Omit<Toast, 'id'>): void {
    const id = this.#next++;
    this.#list = [
      ...this.#list.filter((old) => old.title !== toast.title || old.text !== toast.text),
      { ...toast, id },
    ].slice(-4);
    if (toast.tone !== 'bad') setTimeout(() => this.close(id), lifetime);
  }

  /** Shows a failure; a cancelled call is none. */
  fail(error: unknown): void {
    if (error instanceof StudioError && error.code === 'cancelled') return;
    const code = error instanceof StudioError ? error.code : 'internal';
    const text = toldBy(error);
    this.show({
      tone: code === 'connection-lost' ? 'plain' : 'bad',
      title: i18n.maybe(`error.${code}`, i18n.t('error.internal')),
      text,
    });
  }

  /** Takes a message away. */
  close(id: number): void {
    this.#list = this.#list.filter((toast) => toast.id !== id);
  }

  /** Does what the message offers and closes it. */
  run(toast: Toast): void {
    toast.action?.run();
    this.close(toast.id);
  }
}
