// Where the window was: remembered between starts, and brought back only onto a screen that is still there.
import { z } from 'zod';

/** Position and size of a window in screen pixels, and whether it filled the screen. */
export const windowBounds = z.object({
  x: z.number().int().optional(),
  y: z.number().int().optional(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  maximized: z.boolean(),
});
/** {@link windowBounds} as a type. */
export type WindowBounds = z.infer<typeof windowBounds>;

/** A rectangle in screen pixels. */
export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Smallest window that the interface is drawn for. */
export const minimumSize = { width: 1024, height: 700 };

/** What a first start gets. */
export const firstBounds: WindowBounds = { width: 1440, height: 900, maximized: false };

/** The remembered bounds, without a position when its title bar would be on none of the `screens`' work areas, and never larger than the largest. */
export function fitBounds(bounds: WindowBounds, screens: readonly Rectangle[]): WindowBounds {
  const width = Math.max(minimumSize.width, Math.min(bounds.width, Math.max(...screens.map((s) => s.width))));
  const height = Math.max(minimumSize.height, Math.min(bounds.height, Math.max(...screens.map((s) => s.height))));
  const { x, y, maximized } = bounds;
  const reachable =
    x !== undefined &&
    y !== undefined &&
    screens.some((s) => x + width > s.x + 80 && x < s.x + s.width - 80 && y >= s.y - 10 && y < s.y + s.height - 40);
  return reachable ? { x, y, width, height, maximized } : { width, height, maximized };
}
