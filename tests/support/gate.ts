// Something that is held back until a test lets it go.

/** `closed` settles when `open` is called. */
export interface Gate {
  closed: Promise<void>;
  open: () => void;
}

/** A gate that is closed. */
export function gate(): Gate {
  let open = (): void => undefined;
  const closed = new Promise<void>((resolve) => (open = resolve));
  return { closed, open };
}
