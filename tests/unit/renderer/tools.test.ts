// The canvas's gestures: drawing by drag and by two clicks, selecting through piles, moving, resizing, and slips that leave nothing behind.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpatialIndex, type Indexed } from '../../../src/renderer/canvas/spatialIndex.ts';
import {
  cursorAt,
  previewOf,
  step,
  type Effect,
  type Gesture,
  type PointerStep,
  type Scene,
} from '../../../src/renderer/canvas/tools.ts';

const big = { id: 'big', box: { x1: 10, y1: 10, x2: 190, y2: 90 } };
const small = { id: 'small', box: { x1: 50, y1: 40, x2: 80, y2: 60 } };

function scene(over: Partial<Scene> = {}, items: Indexed[] = [big, small]): Scene {
  const index = new SpatialIndex();
  index.load(items);
  return { tool: 'draw', image: { width: 200, height: 100 }, index, selected: [], slack: 3, ...over };
}

/** Plays [type, x, y] steps; screen and image pixels are the same here. */
function play(
  s: Scene,
  steps: [PointerStep['type'], number, number][],
  keys: { pick?: boolean; add?: boolean } = {},
): { gesture: Gesture; effects: Effect[] } {
  let gesture: Gesture = { kind: 'idle' };
  const effects: Effect[] = [];
  for (const [type, x, y] of steps) {
    const out = step(gesture, { type, at: { x, y }, screen: { x, y }, ...keys }, s);
    gesture = out.gesture;
    effects.push(...out.effects);
    for (const e of out.effects)
      if (e.kind === 'select') s.selected = e.id === null ? [] : [e.id === 'big' ? big : small];
  }
  return { gesture, effects };
}

describe('drawing', () => {
  it('by a drag', () => {
    const { effects, gesture } = play(scene(), [
      ['down', 100, 20],
      ['move', 110, 25],
      ['move', 130, 35],
      ['up', 130, 35],
    ]);
    expect(effects).toEqual([{ kind: 'create', box: { x1: 100, y1: 20, x2: 130, y2: 35 } }]);
    expect(gesture.kind).toBe('idle');
  });

  it('by two clicks, the box following the pointer in between', () => {
    const s = scene();
    const first = play(s, [
      ['down', 100, 20],
      ['up', 100, 20],
      ['move', 140, 30],
    ]);
    expect(first.effects).toEqual([]);
    expect(previewOf(first.gesture, s.image)).toMatchObject({
      draft: { x1: 100, y1: 20, x2: 140, y2: 30 },
      band: null,
    });
    const whole = play(s, [
      ['down', 100, 20],
      ['up', 100, 20],
      ['move', 140, 30],
      ['down', 140, 30],
      ['up', 140, 30],
    ]);
    expect(whole.effects).toEqual([{ kind: 'create', box: { x1: 100, y1: 20, x2: 140, y2: 30 } }]);
  });

  it('a double click on one spot makes no box and waits on', () => {
    const { effects, gesture } = play(scene(), [
      ['down', 100, 20],
      ['up', 100, 20],
      ['down', 100, 20],
      ['up', 100, 20],
    ]);
    expect(effects).toEqual([]);
    expect(gesture.kind).toBe('click-draw');
  });

  it('a drag without width leaves nothing', () => {
    expect(
      play(scene(), [
        ['down', 100, 20],
        ['move', 100, 60],
        ['up', 100, 60],
      ]).effects,
    ).toEqual([]);
  });

  it('outside the image is clamped', () => {
    const { effects } = play(scene(), [
      ['down', 195, 5],
      ['move', 500, -300],
      ['up', 150, -300],
    ]);
    expect(effects).toEqual([{ kind: 'create', box: { x1: 150, y1: 0, x2: 195, y2: 5 } }]);
  });

  it('escape drops it', () => {
    const { effects, gesture } = play(scene(), [
      ['down', 100, 20],
      ['move', 150, 60],
      ['cancel', 0, 0],
    ]);
    expect([effects, gesture.kind]).toEqual([[], 'idle']);
  });

  it('goes on inside another box, but its edge can be picked up', () => {
    expect(
      play(scene(), [
        ['down', 120, 50],
        ['move', 160, 70],
        ['up', 160, 70],
      ]).effects[0]?.kind,
    ).toBe('create');
    expect(
      play(scene(), [
        ['down', 120, 10],
        ['up', 120, 10],
      ]).effects,
    ).toEqual([{ kind: 'select', id: 'big' }]);
  });

  it('a handle of the selected box wins', () => {
    const s = scene({ selected: [small] });
    const { effects } = play(s, [
      ['down', 80, 60],
      ['move', 90, 70],
      ['up', 90, 70],
    ]);
    expect(effects).toEqual([{ kind: 'resize', id: 'small', box: { x1: 50, y1: 40, x2: 90, y2: 70 } }]);
  });
});

describe('selecting', () => {
  it('repeated clicks go through the pile', () => {
    const s = scene({ tool: 'select' });
    const picked = [1, 2, 3].flatMap(
      () =>
        play(s, [
          ['down', 65, 50],
          ['up', 65, 50],
        ]).effects,
    );
    expect(picked.map((e) => (e.kind === 'select' ? e.id : '?'))).toEqual(['small', 'big', 'small']);
  });

  it('a click on nothing clears the selection', () => {
    expect(
      play(scene({ tool: 'select' }), [
        ['down', 3, 3],
        ['up', 3, 3],
      ]).effects,
    ).toEqual([{ kind: 'select', id: null }]);
  });

  it('a drag moves, stopping at the edge', () => {
    const { effects } = play(scene({ tool: 'select' }), [
      ['down', 65, 50],
      ['move', 65, 55],
      ['move', 365, 50],
      ['up', 365, 50],
    ]);
    expect(effects).toEqual([{ kind: 'move', boxes: new Map([['small', { x1: 170, y1: 40, x2: 200, y2: 60 }]]) }]);
  });

  it('a trembling click changes nothing', () => {
    expect(
      play(scene({ tool: 'select' }), [
        ['down', 65, 50],
        ['move', 67, 51],
        ['up', 67, 51],
      ]).effects,
    ).toEqual([{ kind: 'select', id: 'small' }]);
  });

  it('a drag that comes back changes nothing', () => {
    expect(
      play(scene({ tool: 'select' }), [
        ['down', 65, 50],
        ['move', 90, 50],
        ['up', 65, 50],
      ]).effects,
    ).toEqual([]);
  });

  it('Ctrl picks inside boxes in draw mode', () => {
    expect(
      play(
        scene(),
        [
          ['down', 65, 50],
          ['up', 65, 50],
        ],
        { pick: true },
      ).effects,
    ).toEqual([{ kind: 'select', id: 'small' }]);
  });
});

describe('several', () => {
  const drag: [PointerStep['type'], number, number][] = [
    ['down', 65, 50],
    ['move', 65, 58],
    ['move', 365, 50],
    ['up', 365, 50],
  ];

  it('Shift and click takes one in or out, in draw mode too', () => {
    const click = drag.slice(0, 1).concat([['up', 65, 50]]);
    expect(play(scene(), click, { add: true }).effects).toEqual([{ kind: 'toggle', id: 'small' }]);
    const onNothing = play(
      scene(),
      [
        ['down', 3, 3],
        ['up', 3, 3],
      ],
      { add: true },
    );
    expect(onNothing.effects).toEqual([]);
  });

  it('Shift and drag frames what will be selected, and starts over a box too', () => {
    const { effects } = play(scene(), drag, { add: true });
    expect(effects).toEqual([{ kind: 'band', box: { x1: 65, y1: 50, x2: 200, y2: 50 } }]);
  });

  it('a drag of one of several moves all, as one piece', () => {
    const { effects } = play(scene({ tool: 'select', selected: [big, small] }), drag);
    expect(effects).toEqual([
      {
        kind: 'move',
        boxes: new Map([
          ['big', { ...big.box, x1: 20, x2: 200 }],
          ['small', { ...small.box, x1: 60, x2: 90 }],
        ]),
      },
    ]);
  });

  it('have no handles', () => {
    expect(cursorAt({ x: 50, y: 40 }, scene({ tool: 'select', selected: [big, small] }))).toBe('move');
  });

  it('the index finds what has its middle in a frame', () => {
    const { index } = scene();
    expect(index.centredIn({ x1: 60, y1: 45, x2: 70, y2: 55 }).map((o) => o.id)).toEqual(['small']);
    expect(index.centredIn({ x1: 0, y1: 0, x2: 200, y2: 100 })).toHaveLength(2);
  });
});

it('click-to-box asks for the place clicked', () => {
  expect(
    play(scene({ tool: 'point' }), [
      ['down', 65, 50],
      ['up', 66, 50],
    ]).effects,
  ).toEqual([{ kind: 'propose', at: { x: 65, y: 50 } }]);
});

it('cursors tell what a press would do', () => {
  expect(cursorAt({ x: 50, y: 40 }, scene({ selected: [small] }))).toEqual({ handle: 'nw' });
  expect(cursorAt({ x: 120, y: 50 }, scene())).toBe('draw');
  expect(cursorAt({ x: 65, y: 50 }, scene({ tool: 'select', selected: [small] }))).toBe('move');
  expect(cursorAt({ x: 65, y: 50 }, scene({ tool: 'select' }))).toBe('pick');
});

it('whatever the pointer does, boxes made are inside the image and not empty', () => {
  const type = fc.constantFrom<PointerStep['type']>('down', 'move', 'up', 'cancel');
  const c = fc.integer({ min: -300, max: 500 });
  const tool = fc.constantFrom<Scene['tool']>('draw', 'select', 'point');
  fc.assert(
    fc.property(tool, fc.array(fc.tuple(type, c, c), { maxLength: 30 }), (t, steps) => {
      for (const e of play(scene({ tool: t, selected: [small] }), steps).effects) {
        if (e.kind !== 'create' && e.kind !== 'resize') continue;
        expect(e.box.x1).toBeGreaterThanOrEqual(0);
        expect(e.box.y2).toBeLessThanOrEqual(100);
        expect(e.box.x2 - e.box.x1).toBeGreaterThanOrEqual(1);
        expect(e.box.y2 - e.box.y1).toBeGreaterThanOrEqual(1);
      }
    }),
  );
});
