import { chromium, type Browser } from 'playwright-core';
import { chromiumPath } from '../servers/index.ts';

/** Debian's chromium, without the parts that would call home. */
export const openBrowser = (more: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...more,
    ],
  });
