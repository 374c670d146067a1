import { describe, expect, it } from 'vitest';
import { instant } from '../../../device-profiles/vocabulary/index.ts';
import { messageKinds } from '../../../gateway/lorawan/chirpstack/shapes.ts';
import { readChirpstack } from '../../../gateway/lorawan/chirpstack/read.ts';
import { encoded } from './encode.ts';
import { jsonOf, shown, vectors } from './vectors.ts';

describe('what ChirpStack publishes', () => {
  it('has a vector of each kind', () => {
    expect(new Set(vectors.map(({ kind }) => kind))).toEqual(messageKinds);
    expect(vectors.length).toBeGreaterThan(40);
  });

  it.each(vectors)('$name, in JSON', ({ kind, event, envelope, messages }) => {
    expect(shown(readChirpstack(kind, jsonOf(event), envelope))).toEqual(messages);
  });

  it.each(vectors)('$name, in Protocol Buffers', ({ kind, event, envelope, messages }) => {
    expect(shown(readChirpstack(kind, encoded(kind, event), envelope))).toEqual(messages);
  });

  const envelope = { connector: 'chirpstack-mqtt', at: instant(1_658_137_200_000) } as const;

  it.each([
    ['integration', '{}', 'event-unknown'],
    ['', '{}', 'event-unknown'],
    ['toString', '{}', 'event-unknown'],
    ['up', '', 'not-protobuf'],
    ['up', '{', 'not-json'],
    ['up', '[]', 'not-protobuf'],
    ['up', ' []', 'wrong-shape'],
    ['up', '{"deviceInfo":{"devEui":"01"},"deviceInfo":{}}', 'doubled-key'],
    ['up', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'wrong-shape'],
    ['up', '{"deviceInfo":7}', 'wrong-shape'],
    ['up', '{"fCnt":-1}', 'wrong-shape'],
    ['up', '{"fCnt":1.5}', 'wrong-shape'],
    ['up', '{"fCnt":4294967296}', 'wrong-shape'],
    ['up', '{"fPort":256}', 'wrong-shape'],
    ['up', `{"rxInfo":[${'{},'.repeat(256)}{}]}`, 'wrong-shape'],
    ['up', '{"deviceInfo":{"devEui":"0101010101010101"},"devAddr":"00189440","data":"a*"}', 'payload-not-base64'],
    ['up', '{"deviceInfo":{"devEui":"0101010101010101"},"devAddr":"00189440","data":"aaaaa"}', 'payload-not-base64'],
    ['conn', '{"gatewayId":"0016c001f153a14c","state":"MAYBE"}', 'wrong-shape'],
    ['stats', '{}', 'wrong-shape'],
    ['location', '{"deviceInfo":{"devEui":"0101010101010101"}}', 'wrong-shape'],
  ])('%s %s is turned away as %s', (kind, text, reason) => {
    const messages = readChirpstack(kind, Buffer.from(text), envelope);
    expect(messages).toEqual([{ kind: 'refused', reason, detail: expect.any(String) }]);
  });
});
