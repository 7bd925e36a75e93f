// The two messages that preload and main exchange beside the contract's port.

/** IPC channel names. */
export const channels = {
  /** Carries one end of a MessageChannel: the contract is spoken over it. */
  connect: 'ttfnet:connect',
  /** Absolute paths of files and folders that a person dropped on the window. */
  dropped: 'ttfnet:dropped',
} as const;
