// Edits before the host has answered, and their way to disk: order, lost connections, refusals, and nothing made twice.
import { describe, expect, it } from 'vitest';
import {
  applyChanges,
  between,
  copyPreviousChanges,
  cycled,
  pasteChanges,
  reshapeChanges,
  visibleObjects,
} from '../../../src/renderer/state/editing.ts';
import { Outbox, stillToDo, type Edit } from '../../../src/renderer/state/outbox.ts';
import type { LabelChange, LabelObject } from '../../../src/shared/contract/index.ts';
import { StudioError } from '../../../src/shared/errors.ts';

const box = { x1: 10, y1: 10, x2: 50, y2: 50 };
const size = { width: 100, height: 100 };
const object = (id: string, more: Partial<LabelObject> = {}): LabelObject => ({
  id,
  classId: 'a',
  box,
  state: 'confirmed',
  author: { kind: 'person', name: '' },
  score: null,
  crowd: false,
  ignore: false,
  createdAt: 1,
  changedAt: 1,
  ...more,
});
const hand = { name: 'Ada', now: 5 };
let next = 0;
const id = (): string => `new-${next++}`;

describe('changes', () => {
  it('add, update, accept, reject and remove', () => {
    const start = [object('1'), object('2', { state: 'suggested', score: 0.4 }), object('3', { state: 'suggested' })];
    const after = applyChanges(
      start,
      [
        { type: 'add', id: '4', classId: 'b', box },
        { type: 'update', id: '1', classId: 'c' },
        { type: 'accept', id: '2' },
        { type: 'reject', id: '3' },
        { type: 'status', status: 'reviewed' },
      ],
      hand,
    );
    expect(after.map((o) => [o.id, o.classId, o.state])).toEqual([
      ['1', 'c', 'confirmed'],
      ['2', 'a', 'confirmed'],
      ['4', 'b', 'confirmed'],
    ]);
    expect(after[1]!.score).toBe(0.4);
    expect(after[2]!.author).toEqual({ kind: 'person', name: 'Ada' });
    expect(
      applyChanges(
        after,
        [
          { type: 'remove', id: '1' },
          { type: 'update', id: 'gone', classId: 'x' },
        ],
        hand,
      ),
    ).toHaveLength(2);
  });

  it('pastes where the box was, or a step aside when it is there already', () => {
    expect(pasteChanges([{ classId: 'a', box }], [], size, id)[0]).toMatchObject({ box });
    expect(pasteChanges([{ classId: 'a', box }], [object('1')], size, id)[0]).toMatchObject({
      box: { x1: 22, y1: 22 },
    });
  });

  it('copies the previous image’s boxes once, without suggestions, cut to a smaller image', () => {
    const previous = [
      object('1'),
      object('2', { state: 'suggested' }),
      object('3', { box: { x1: 60, y1: 60, x2: 100, y2: 100 } }),
    ];
    const first = copyPreviousChanges(previous, [object('9')], { width: 80, height: 80 }, id);
    expect(first).toHaveLength(1);
    expect(first[0]).toMatchObject({ box: { x1: 40, y1: 40, x2: 80, y2: 80 } });
    const here = applyChanges([], copyPreviousChanges(previous, [], size, id), hand);
    expect(copyPreviousChanges(previous, here, size, id)).toEqual([]);
  });

  it('hides suggestions under the threshold, never a person’s box', () => {
    const all = [
      object('1', { score: 0.1 }),
      object('2', { state: 'suggested', score: 0.29 }),
      object('3', { state: 'suggested', score: 0.3 }),
    ];
    expect(visibleObjects(all, 0.3).map((o) => o.id)).toEqual(['1', '3']);
  });

  it('cycles round in both directions', () => {
    const all = [object('1'), object('2')];
    expect([
      cycled(all, null, 1),
      cycled(all, '2', 1),
      cycled(all, '1', -1),
      cycled(all, null, -1),
      cycled([], null, 1),
    ]).toEqual(['1', '1', '2', '2', null]);
  });
});

it('after a lost connection only what is not there yet is left to do', () => {
  const there = [object('1'), object('2', { state: 'suggested' })];
  const changes: LabelChange[] = [
    { type: 'add', id: '1', classId: 'a', box },
    { type: 'add', id: '5', classId: 'a', box },
    { type: 'accept', id: '2' },
    { type: 'accept', id: '1' },
    { type: 'remove', id: '7' },
    { type: 'update', id: '1', box },
  ];
  expect(stillToDo(changes, there).map((c) => `${c.type} ${'id' in c ? c.id : ''}`)).toEqual([
    'add 5',
    'accept 2',
    'update 1',
  ]);
});

describe('outbox', () => {
  const lost = () => new StudioError('connection-lost', 'lost');
  function post(behaviour: (edit: Edit, attempt: number) => 'ok' | 'lost-before' | 'lost-after' | 'refuse') {
    const disk: LabelObject[] = [];
    const log: string[] = [];
    let attempt = 0;
    const outbox = new Outbox<number>({
      send: async (edit) => {
        await Promise.resolve();
        const what = behaviour(edit, attempt++);
        if (what === 'refuse') throw new StudioError('argument-invalid', 'no');
        if (what === 'lost-before') throw lost();
        disk.splice(0, disk.length, ...applyChanges(disk, edit.changes, hand));
        if (what === 'lost-after') throw lost();
        return disk.length;
      },
      read: () => Promise.resolve(disk),
      saved: (edit, n, waiting) => log.push(`saved ${edit.action} ${n} ${waiting}`),
      refused: (edit) => log.push(`refused ${edit.action}`),
    });
    return { outbox, disk, log };
  }
  const add = (action: string, image = 'i'): Edit => ({
    image,
    action,
    changes: [{ type: 'add', id: action, classId: 'a', box }],
  });

  it('sends in order and says when more of the image follows', async () => {
    const { outbox, log } = post(() => 'ok');
    outbox.put(add('a'));
    outbox.put(add('b'));
    expect(outbox.size).toBe(2);
    await outbox.settled();
    expect(log).toEqual(['saved a 1 true', 'saved b 2 false']);
  });

  it('makes an edit once, whether the connection broke before or after it arrived', async () => {
    for (const when of ['lost-before', 'lost-after'] as const) {
      const { outbox, disk } = post((_, attempt) => (attempt === 0 ? when : 'ok'));
      outbox.put(add('a'));
      outbox.put(add('b'));
      await outbox.settled();
      expect(
        disk.map((o) => o.id),
        when,
      ).toEqual(['a', 'b']);
    }
  });

  it('goes on after a refusal', async () => {
    const { outbox, log } = post((edit) => (edit.action === 'a' ? 'refuse' : 'ok'));
    outbox.put(add('a'));
    outbox.put(add('b'));
    await outbox.settled();
    expect(log).toEqual(['refused a', 'saved b 1 false']);
    expect(outbox.size).toBe(0);
  });
});

describe('several objects', () => {
  const list = ['1', '2', '3', '4'].map((name) => object(name));

  it('lie between two rows, the one clicked last', () => {
    expect(between(list, '2', '4')).toEqual(['2', '3', '4']);
    expect(between(list, '4', '3')).toEqual(['4', '3']);
    expect(between(list, 'gone', '3')).toEqual(['3']);
  });

  it('get new boxes in one step; what stays is no change, what the model suggested becomes the person’s', () => {
    const moved = { x1: 11, y1: 10, x2: 51, y2: 50 };
    const suggested = object('s', { state: 'suggested' });
    expect(
      reshapeChanges(
        [...list, suggested],
        new Map([
          ['1', box],
          ['s', moved],
        ]),
      ),
    ).toEqual([
      { type: 'accept', id: 's' },
      { type: 'update', id: 's', box: moved },
    ]);
  });
});
