import { describe, expect, test } from 'vitest';
import { previewText } from '../../commands/preview/text.ts';
import { previewOut, type PreviewOut } from '../../dashboard/preview/shape.ts';
import { deviceId, instant, profileId, uplinkId, type Uplink } from '../../device-profiles/vocabulary/index.ts';

const at = instant(Date.UTC(2026, 0, 15, 8));
const uplink: Uplink = {
  id: uplinkId('u'.repeat(22)),
  redelivered: true,
  connector: 'chirpstack-mqtt',
  device: { by: 'id', value: deviceId('abp-1') },
  receivedAt: at,
  sentAt: at,
  payload: Uint8Array.of(1, 2, 3),
  lorawan: { fPort: 1, fCnt: 7, session: '01020304', receptions: [] },
};
const shown = (change: Partial<PreviewOut>, of: Uplink = uplink): string => {
  const explained = previewOut(
    {
      uplink: of,
      device: deviceId('abp-1'),
      profile: { id: profileId('decentlab/dl-pm'), version: '1' },
      said: [],
      warnings: [],
      unmapped: [],
      readings: [],
    },
    at,
  );
  return previewText({ ...explained, ...change });
};
const refused = { step: 'decode', reason: 'truncated', detail: '3 bytes, the header has 5' } as const;

describe('what a person is told of an uplink', () => {
  test('one that waits in the quarantine waits, and one that was only pasted is refused', () => {
    expect(shown({ refused })).toContain(
      '\n  WAITS     in the quarantine: at decode, truncated: 3 bytes, the header has 5\n',
    );
    expect(shown({ refused, id: null })).toContain('\n  REFUSED   at decode, truncated: 3 bytes, the header has 5\n');
  });

  test('a frame for the network alone is said to be empty, and why', () => {
    expect(shown({}, { ...uplink, lorawan: { fPort: 0, fCnt: 7, session: '01020304', receptions: [] } })).toContain(
      '\n  empty     port 0 is for the network alone: the device was heard, and said nothing to measure\n',
    );
    expect(shown({}, { ...uplink, payload: new Uint8Array() })).toContain(
      '\n  empty     no payload: the device was heard, and said nothing to measure\n',
    );
    expect(shown({ refused })).not.toContain('empty');
  });

  test('the time of a LoRaWAN frame is by its network, of another message by its sender', () => {
    const reading = {
      time: '2026-01-15T08:00:00.000Z',
      clock: 'sender',
      disbelieved: null,
      site: null,
      values: [],
    } as const;
    expect(shown({ readings: [{ ...reading, values: [] }] })).toContain(
      "2026-01-15T08:00:00.000Z, the network's clock",
    );
    expect(shown({ fPort: null, readings: [{ ...reading, values: [] }] })).toContain(
      "2026-01-15T08:00:00.000Z, the sender's clock",
    );
  });
});
