// An event that a listener may prevent.

/** Electron's events with `preventDefault`. */
export class Preventable {
  prevented = false;
  preventDefault = (): void => {
    this.prevented = true;
  };
}
