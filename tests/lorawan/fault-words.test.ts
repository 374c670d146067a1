import { describe, expect, it } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { readChirpstack } from '../../gateway/lorawan/chirpstack/read.ts';
import { readPush } from '../../gateway/lorawan/semtech-udp/datagram.ts';
import { readRxpk } from '../../gateway/lorawan/semtech-udp/rxpk.ts';
import { readStat } from '../../gateway/lorawan/semtech-udp/stat.ts';
import { readThingsStack } from '../../gateway/lorawan/things-stack/message.ts';
import { uplink, type Tree } from './things-stack/samples.ts';

const at = instant(0);
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const detailOf = (read: readonly { readonly kind: string }[]): string => {
  const [first] = read;
  return first !== undefined && 'detail' in first ? String(first.detail) : 'taken';
};
const thingsStack = (message: unknown): string =>
  detailOf(readThingsStack(bytes(message), { connector: 'tts-mqtt', at }));
const chirpstack = (event: string): string =>
  detailOf(readChirpstack('up', Buffer.from(event), { connector: 'chirpstack-mqtt', at }));

/** What the log says of a message that was turned away: which field, and what it should be; never what it was. */
describe('a message of the wrong shape is told which field is wrong, and what it should be', () => {
  it.each<readonly [Tree, Tree, string]>([
    [{ f_cnt: -1 }, {}, 'uplink_message.f_cnt is no whole number from 0 to 4294967295'],
    [{ f_cnt: '7654321' }, {}, 'uplink_message.f_cnt is no whole number from 0 to 4294967295'],
    [{ f_port: 256 }, {}, 'uplink_message.f_port is no whole number from 0 to 255'],
    [{ frm_payload: 7654321 }, {}, 'uplink_message.frm_payload is no text'],
    [{ confirmed: 'perhaps' }, {}, 'uplink_message.confirmed is neither true nor false'],
    [{ frm_payload: 'secret*' }, {}, 'uplink_message.frm_payload is not base64'],
    [{}, { uplink_message: 7654321 }, 'uplink_message is no object'],
    [{}, { simulated: 'perhaps' }, 'simulated is neither true nor false'],
    [{}, { end_device_ids: 'secret' }, 'end_device_ids is no object'],
    [{}, { end_device_ids: { dev_eui: 7654321 } }, 'end_device_ids.dev_eui is no text'],
  ])('of The Things Stack: %j %j', (changes, around, expected) =>
    expect(thingsStack(uplink(changes, around))).toBe(expected),
  );

  it.each([
    ['{"fCnt":-1}', 'fCnt is no whole number from 0 to 4294967295'],
    ['{"deviceInfo":7654321}', 'deviceInfo is no object'],
    ['{"rxInfo":[{},{"rssi":"secret"}]}', 'rxInfo[1].rssi is no whole number from -2147483648 to 2147483647'],
    ['{"rxInfo":[{"snr":true}]}', 'rxInfo[0].snr is no number and no text with a length of at most 32'],
    [`{"rxInfo":[${'{},'.repeat(256)}{}]}`, 'rxInfo is no list of at most 256'],
    [' []', 'the message is not an object'],
  ])('of ChirpStack: %s', (event, expected) => expect(chirpstack(event)).toBe(expected));

  const frame = { freq: 868.1, modu: 'LORA', datr: 'SF7BW125', size: 1, data: 'AA==' };
  it.each<readonly [unknown, string]>([
    [{ ...frame, freq: undefined }, 'rxpk[3].freq is missing'],
    [{ ...frame, freq: '7654321' }, 'rxpk[3].freq is no number from 100 to 3000'],
    [{ ...frame, datr: 'secret' }, 'rxpk[3].datr is no data rate such as SF7BW125, nor of FSK in bit/s'],
    [{ ...frame, modu: 'secret' }, 'rxpk[3].modu is none of LORA, FSK, LR-FHSS'],
    [{ ...frame, stat: 7654321 }, 'rxpk[3].stat is none of 1, 0, -1'],
    [{ ...frame, rsig: [{}, { lsnr: 7654321 }] }, 'rxpk[3].rsig[1].lsnr is no number from -100 to 100'],
    [{ ...frame, data: 'a b=' }, 'rxpk[3].data, of 4 characters, is not base64'],
    [{ ...frame, size: 9 }, 'rxpk[3].size is 9, and data has 1 bytes'],
    [7654321, 'rxpk[3] is no object'],
  ])('of a gateway over UDP: %j', (item, expected) => {
    const read = readRxpk(JSON.parse(JSON.stringify(item)), 3);
    expect('detail' in read ? read.detail : 'taken').toBe(expected);
  });

  it.each([
    [{}, 'stat.rxnb is missing'],
    [{ rxnb: 1 }, 'stat.rxok is missing'],
    [{ rxnb: -1, rxok: 0 }, 'stat.rxnb is no whole number from 0 to 1000000000'],
    [{ rxnb: 0, rxok: '7654321' }, 'stat.rxok is no whole number from 0 to 1000000000'],
  ])('of what a gateway counts: %j', (stat, expected) => {
    expect(readStat(stat, { gateway: 'a', at })).toEqual({ kind: 'refused', reason: 'stat-wrong', detail: expected });
  });

  it('of a datagram', () => {
    expect(detailOf([readPush(bytes({ rxpk: 7 }))])).toBe('rxpk is no list');
  });
});
