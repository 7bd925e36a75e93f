// One suite over both transports: browser mode's WebSocket, and the message port of the built window in a stand-in for Electron.
import { describe } from 'vitest';
import { noWindow } from '../../support/electron/desktop.ts';
import { describeUnless } from '../../support/leftOut.ts';
import { browserTransport } from './browserTransport.ts';
import { desktopTransport } from './desktopTransport.ts';
import { contractSuite } from './suite.ts';

describe('contract over WebSocket', () => contractSuite(browserTransport));
describeUnless(noWindow(), 'contract over the message port', () => contractSuite(desktopTransport));
