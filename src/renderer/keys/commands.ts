// Every command that a key can run: where it works, its keys from the factory, and when it applies. The key sheet and the menu are made from this.

/** Where a command's keys work. */
export type Scope = 'global' | 'label';

/** The state that a command needs; two commands may share a key when their states exclude each other. */
export type When = 'always' | 'selection' | 'noSelection';

/** The heading of the key sheet that a command stands under. */
export type Group = 'app' | 'go' | 'draw' | 'edit' | 'suggest' | 'view';

/** One command. */
export interface Command {
  scope: Scope;
  group: Group;
  when: When;
  keys: readonly string[];
  /** Runs again while the key stays down. */
  repeats?: boolean;
  /** Lasts from key down to key up. */
  hold?: boolean;
  /** Works on the image on the canvas: while the next one is being opened, its key waits. */
  onImage?: boolean;
}

const label = (group: Group, keys: string[], more: Partial<Command> = {}): Command => ({
  scope: 'label',
  group,
  when: 'always',
  keys,
  ...more,
});
const app = (keys: string[]): Command => ({ scope: 'global', group: 'app', when: 'always', keys });
const repeats = { repeats: true } as const;
const onImage = { onImage: true } as const;
const cycles = { repeats: true, onImage: true } as const;
const onSelection = { when: 'selection', repeats: true } as const;
const onNothing = { when: 'noSelection', repeats: true } as const;

const table = {
  'app.keys': app(['?', 'F1']),
  'app.new': app(['Ctrl+Alt+N']),
  'app.open': app(['Ctrl+O']),
  'app.home': app(['Alt+1']),
  'app.label': app(['Alt+2']),
  'app.train': app(['Alt+3']),
  'app.evaluate': app(['Alt+4']),
  'app.detect': app(['Alt+5']),
  'app.models': app(['Alt+6']),
  'app.settings': app(['Ctrl+,']),
  'app.pane': app(['F6']),
  'go.next': label('go', ['D', 'PageDown'], repeats),
  'go.previous': label('go', ['A', 'PageUp'], repeats),
  'go.nextArrow': label('go', ['Right', 'Down'], onNothing),
  'go.previousArrow': label('go', ['Left', 'Up'], onNothing),
  'go.review': label('go', ['Space'], onImage),
  'go.skip': label('go', ['K'], onImage),
  'go.nextOpen': label('go', ['N']),
  'go.search': label('go', ['Ctrl+F']),
  'go.cycle': label('go', ['Tab'], cycles),
  'go.cycleBack': label('go', ['Shift+Tab'], cycles),
  'draw.box': label('draw', ['W', 'R']),
  'draw.select': label('draw', ['V']),
  'draw.point': label('draw', ['C']),
  'draw.finish': label('draw', ['Enter'], onImage),
  'draw.cancel': label('draw', ['Esc']),
  'edit.undo': label('edit', ['Ctrl+Z'], repeats),
  'edit.redo': label('edit', ['Ctrl+Shift+Z', 'Ctrl+Y'], repeats),
  'edit.selectAll': label('edit', ['Ctrl+A'], onImage),
  'edit.delete': label('edit', ['Delete', 'Backspace'], { when: 'selection' }),
  'edit.copy': label('edit', ['Ctrl+C'], onImage),
  'edit.paste': label('edit', ['Ctrl+V'], onImage),
  'edit.duplicate': label('edit', ['Ctrl+D'], { when: 'selection' }),
  'edit.copyPrevious': label('edit', ['P'], onImage),
  'edit.checkpoint': label('edit', ['Ctrl+S']),
  'edit.import': label('edit', ['Ctrl+I']),
  'edit.export': label('edit', ['Ctrl+E']),
  'edit.nudgeLeft': label('edit', ['Left'], onSelection),
  'edit.nudgeRight': label('edit', ['Right'], onSelection),
  'edit.nudgeUp': label('edit', ['Up'], onSelection),
  'edit.nudgeDown': label('edit', ['Down'], onSelection),
  'edit.nudgeLeft10': label('edit', ['Shift+Left'], onSelection),
  'edit.nudgeRight10': label('edit', ['Shift+Right'], onSelection),
  'edit.nudgeUp10': label('edit', ['Shift+Up'], onSelection),
  'edit.nudgeDown10': label('edit', ['Shift+Down'], onSelection),
  'edit.narrower': label('edit', ['Ctrl+Left'], onSelection),
  'edit.wider': label('edit', ['Ctrl+Right'], onSelection),
  'edit.shorter': label('edit', ['Ctrl+Up'], onSelection),
  'edit.taller': label('edit', ['Ctrl+Down'], onSelection),
  'class.1': label('draw', ['1']),
  'class.2': label('draw', ['2']),
  'class.3': label('draw', ['3']),
  'class.4': label('draw', ['4']),
  'class.5': label('draw', ['5']),
  'class.6': label('draw', ['6']),
  'class.7': label('draw', ['7']),
  'class.8': label('draw', ['8']),
  'class.9': label('draw', ['9']),
  'class.10': label('draw', ['0']),
  'suggest.run': label('suggest', ['G'], onImage),
  'suggest.accept': label('suggest', ['E'], onImage),
  'suggest.acceptAll': label('suggest', ['Shift+E'], onImage),
  'suggest.reject': label('suggest', ['X'], onImage),
  'view.heatmap': label('view', ['H']),
  'view.hide': label('view', ['T'], { hold: true }),
  'view.fit': label('view', ['Ctrl+0']),
  'view.actual': label('view', ['Ctrl+1']),
  'view.zoomIn': label('view', ['=', '+'], repeats),
  'view.zoomOut': label('view', ['-'], repeats),
} satisfies Record<string, Command>;

/** The name of a command. */
export type CommandId = keyof typeof table;

/** All commands by name. */
export const commands: Readonly<Record<CommandId, Command>> = table;

/** The names of all commands, in the order of the key sheet. */
export const commandIds = Object.keys(table) as CommandId[];

/** True for a text that names a command. */
export function isCommandId(text: string): text is CommandId {
  return text in table;
}
