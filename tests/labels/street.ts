import type { LabelDevice } from '../../dashboard/labels/index.ts';
import { devEui } from '../../device-profiles/vocabulary/index.ts';

export const BASE = 'https://sensors.example.gov.uk';
export const HOSTILE = '<img src=x onerror="document.title=\'owned\'">';

export const sites = [
  { id: 's1', name: 'A6 Wellington Road South, lamp column 14, outside the town hall, by the bus stop' },
  { id: 's2', name: HOSTILE },
];

/** What a label has least room for: the longest id and name that a device may have, and a name without a blank. */
const worst: readonly LabelDevice[] = [
  { id: `W${'x'.repeat(63)}`, name: 'MW '.repeat(40), site: 's1' },
  { id: `M${'y'.repeat(63)}`, name: 'W'.repeat(120), site: 's1', devEui: devEui('0004A30B001C0530') },
  { id: `N${'z'.repeat(63)}`, name: `N${'z'.repeat(63)}`, site: 's1', devEui: devEui('0004A30B001C0531') },
  { id: 'q'.repeat(22), name: 'Wellington Road South, north-bound, NO2 and PM, by the crossing', site: 's1' },
  { id: 'hostile', name: HOSTILE, site: 's2' },
  { id: 'ünlikely'.replace('ü', 'u'), name: '', site: 'not-registered' },
];

/** That many devices, the awkward ones first; LoRaWAN ones and others. */
export const devices = (count: number): readonly LabelDevice[] => [
  ...worst.slice(0, count),
  ...Array.from({ length: Math.max(0, count - worst.length) }, (_, i): LabelDevice => {
    const lorawan = {
      devEui: devEui(`0004A30B001D${String(i).padStart(4, '0')}`),
      joinEui: '70b3d57ed0001234',
      ...(i % 2 === 0 ? { lorawanProfileId: '42FF0001', serial: `2417A${i}` } : {}),
    };
    return { id: `wrs-${i}`, name: `Wellington Road South ${i}`, site: 's1', ...(i % 3 === 2 ? {} : lorawan) };
  }),
];
