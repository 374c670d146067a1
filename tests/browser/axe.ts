import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { vi } from 'vitest';

// Two browsers draw without a graphics card on two cores: what takes a second alone may take half a minute then.
vi.setConfig({ testTimeout: 120_000 });

/**
 * What axe finds on a page, by the rules of WCAG 2.2 AA and its own best practice. Of a table's rows the first six are looked at: those
 * after them are made by the same template, and axe takes most of its time for each of them.
 */
export const axeOn = (page: Page): ReturnType<AxeBuilder['analyze']> =>
  new AxeBuilder({ page })
    // No rule of these looks into style sheets, which would be fetched and parsed once more for that.
    .options({ resultTypes: ['violations'], preload: false })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .exclude('tbody tr:nth-child(n+7)')
    // No page has a frame: without a second page in which the results of frames are put together.
    .setLegacyMode()
    .analyze();
