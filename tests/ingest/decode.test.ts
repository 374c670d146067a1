import { describe, expect, it } from 'vitest';
import type { Decoded, DecodeInput, Profile } from '../../device-profiles/profile.ts';
import {
  deviceId,
  instant,
  profileId,
  uplinkId,
  type Unusable,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import type { Device } from '../../infra/registry/contract.ts';
import { decode } from '../../ingest/decode.ts';
import type { IdentifiedUplink } from '../../ingest/steps.ts';

/** What one profile was asked, each time. */
const asked: { readonly profile: string; readonly sizes: number }[] = [];

/** A profile that answers with the payload's first byte, after some time, or refuses it where that is 255. */
const profileOf = (id: string, afterMs: number): Profile => ({
  trial: () => profileOf(id, afterMs),
  vectors: async () => [],
  id: profileId(id),
  name: id,
  maker: 'Test',
  sends: 'lorawan',
  draft: false,
  alsoKnownAs: [],
  lorawanProfileIds: [],
  everyMs: 60_000,
  fields: new Map(),
  version: '000000000000',
  decode: async (inputs) => {
    asked.push({ profile: id, sizes: inputs.length });
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    return inputs.map(({ payload }: DecodeInput): readonly Decoded[] | Unusable =>
      payload[0] === 255
        ? { reason: 'truncated', detail: 'too short' }
        : [{ fields: new Map([['n', payload[0] ?? null]]), unmapped: 0 }],
    );
  },
});

let seq = 0;
const uplinkOf = (profile: Profile, n: number): IdentifiedUplink => {
  seq += 1;
  const device: Device = {
    id: deviceId(`d-${seq}`),
    profile: profile.id,
    name: 'Test',
    status: 'commissioned',
    statusSince: instant(0),
    createdAt: instant(0),
  };
  const uplink: Uplink = {
    id: uplinkId(String(seq).padStart(22, 'u')),
    redelivered: false,
    connector: 'mqtt',
    device: { by: 'id', value: device.id },
    receivedAt: instant(0),
    payload: Uint8Array.of(n),
  };
  return { entry: { seq, uplink }, device, profile };
};
const WINDOW = { futureMs: 600_000 };
const numbers = ({ onward }: Awaited<ReturnType<typeof decode>>): unknown[] =>
  onward.map(({ messages }) => messages[0]?.fields.get('n'));

describe('the decode of a batch', () => {
  it('asks each profile once for all its uplinks, and keeps the order of the batch, whoever answers first', async () => {
    const [slow, quick] = [profileOf('test/slow', 20), profileOf('test/quick', 0)];
    asked.length = 0;
    const batch = [
      uplinkOf(slow, 1),
      uplinkOf(quick, 2),
      uplinkOf(slow, 3),
      uplinkOf(quick, 255),
      uplinkOf(quick, 5),
      uplinkOf(slow, 6),
    ];
    const sorted = await decode(batch, WINDOW);
    expect(numbers(sorted)).toEqual([1, 2, 3, 5, 6]);
    expect(sorted.refusals).toEqual([{ uplink: batch[3]?.entry.uplink, reason: 'truncated', detail: 'too short' }]);
    expect(asked).toEqual([
      { profile: 'test/slow', sizes: 3 },
      { profile: 'test/quick', sizes: 3 },
    ]);
  });

  it('sets aside the uplinks of a profile that breaks, and no others', async () => {
    const broken: Profile = { ...profileOf('test/broken', 0), decode: () => Promise.reject(new TypeError('broken')) };
    const short: Profile = { ...profileOf('test/short', 0), decode: async () => [] };
    const sorted = await decode(
      [uplinkOf(broken, 1), uplinkOf(profileOf('test/good', 0), 2), uplinkOf(short, 3)],
      WINDOW,
    );
    expect(numbers(sorted)).toEqual([2]);
    expect(sorted.refusals.map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual([
      'internal-fault: TypeError: broken',
      'internal-fault: the profile gave no answer',
    ]);
  });

  it('of nothing is nothing', async () => {
    expect(await decode([], WINDOW)).toEqual({ onward: [], refusals: [] });
  });
});
