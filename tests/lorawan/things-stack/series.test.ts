import { beforeEach, describe, expect, it } from 'vitest';
import { devEui, type Connector } from '../../../device-profiles/vocabulary/index.ts';
import { openReceipt } from '../../../gateway/receipt.ts';
import { uplinkOf } from '../../../gateway/lorawan/uplink.ts';
import type { Entry } from '../../../infra/journal/contract.ts';
import { clock, House, NOON } from '../../ingest/house.ts';
import { readUplink, type Tree } from './samples.ts';
import { stored } from './storage-server.ts';

let house: House;
beforeEach(async () => {
  house = await new House().open();
  await house.registry.addDevice({
    id: 'gully-3',
    profile: 'milesight/em500-swl',
    devEui: devEui('0004a30b001c0530'),
    site: 'mersey-square',
  });
  return () => house.close();
});

/** A water level of 2 cm, as the storage has it; live it has more around it. */
const level = (around: Tree = {}): Tree => {
  const message = stored(NOON - 3_600_000, 7, around);
  const { uplink_message: uplink } = message;
  return {
    ...message,
    uplink_message: { ...(typeof uplink === 'object' ? uplink : {}), f_port: 85, frm_payload: 'A3cCAA==' },
  };
};

let seq = 0;
const receipt = openReceipt(clock);
const entry = (connector: Connector, message: Tree): Entry => {
  seq += 1;
  return { seq, uplink: uplinkOf(readUplink(message), { connector, receipt }) };
};

describe('a frame that comes live and again from storage', () => {
  // The journal knows a repeat among its newest 100,000. Here it is as if there had been more in between.
  it.each<readonly [string, Connector, Connector]>([
    ['storage after webhook', 'tts-webhook', 'tts-storage'],
    ['MQTT after storage', 'tts-storage', 'tts-mqtt'],
    ['storage twice', 'tts-storage', 'tts-storage'],
  ])('is one in the series, even where the journal took both: %s', async (_what, first, second) => {
    expect(await house.run([entry(first, level({ correlation_ids: ['as:up:1'] }))])).toMatchObject({
      stored: 1,
      duplicate: 0,
    });
    const before = await house.stored();
    expect(before).toHaveLength(1);
    expect(await house.run([entry(second, level())])).toMatchObject({ stored: 0, duplicate: 1 });
    expect(await house.stored()).toEqual(before);
    expect(before[0]).toMatchObject({ time: NOON - 3_600_000, quantity: 'water_level' });
  });
});
