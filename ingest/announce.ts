import type { DeviceId, Instant, JudgedReading } from '../device-profiles/vocabulary/index.ts';
import type { LiveBus, LiveEvent } from '../infra/live/contract.ts';
import type { Alert } from '../infra/registry/contract.ts';

/** After so long without a word, hearing a device again is news of its own. */
const NEWS_AFTER_MS = 15 * 60_000;

/** Says on the live bus what was stored, which alerts moved, and which devices are heard anew. */
export const announcer = (live: Pick<LiveBus, 'announce'>) => {
  const heard = new Map<DeviceId, Instant>();
  return (fresh: readonly JudgedReading[], moves: readonly Alert[]): void => {
    const events: LiveEvent[] = [];
    for (const reading of fresh) {
      const before = heard.get(reading.device);
      if (before === undefined || reading.receivedAt - before > NEWS_AFTER_MS) {
        events.push({ kind: 'device', device: reading.device, site: reading.site, heardAt: reading.receivedAt });
      }
      heard.set(reading.device, reading.receivedAt);
      events.push({ kind: 'reading', reading });
    }
    for (const alert of moves) events.push({ kind: 'alert', alert });
    if (events.length > 0) live.announce(events);
  };
};
