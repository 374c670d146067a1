import { describe, expect, it } from 'vitest';
import {
  connState,
  joinEvent,
  statsEvent,
  statusEvent,
  upEvents,
} from '../../../commands/demo/lorawan/chirpstack-words.ts';
import { townHall } from '../../../commands/demo/lorawan/gateways.ts';
import { radioKindOf, type RadioDoor } from '../../../commands/demo/lorawan/network.ts';
import type { Frame } from '../../../commands/demo/lorawan/outbox.ts';
import { radioOutboxes } from '../../../commands/demo/lorawan/run.ts';
import { uplinkWords } from '../../../commands/demo/lorawan/things-stack-words.ts';
import { readChirpstack } from '../../../gateway/lorawan/chirpstack/read.ts';
import type { NetworkUplink } from '../../../gateway/lorawan/message.ts';
import { readThingsStack } from '../../../gateway/lorawan/things-stack/message.ts';
import { instant } from '../../../device-profiles/vocabulary/index.ts';

const HOUR = 3_600_000;
const begunMs = Date.UTC(2026, 10, 23, 6, 30, 0);
const framesBy = (door: RadioDoor): readonly Frame[] =>
  radioOutboxes({ seed: 1, begunMs }, { pauseFromMs: begunMs - 24 * HOUR, startMs: begunMs })
    .filter(({ sensor }) => radioKindOf(sensor).door === door)
    .flatMap((box) => box.frames({ afterMs: begunMs, untilMs: begunMs + HOUR }))
    .filter(({ hearings }) => hearings.length > 0);
const devAddr = '01a2b3c4';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What the frame must have become, by whichever network. */
const expected = (frame: Frame): unknown => ({
  kind: 'uplink',
  devEui: frame.sensor.devEui,
  payload: [...frame.payload],
  sentAt: frame.atMs,
  frame: {
    fPort: frame.fPort,
    fCnt: frame.fCnt,
    session: devAddr,
    confirmed: frame.confirmed,
    frequency: frame.channel.frequency,
    dataRate: `SF${frame.spreadingFactor}BW125`,
    heard: frame.hearings.map(({ gateway, rssi, snr }) => `${gateway.eui} ${rssi} ${snr}`).toSorted(),
  },
});
const became = ({ kind, devEui, payload, sentAt, frame }: NetworkUplink): unknown => ({
  kind,
  devEui,
  payload: [...payload],
  sentAt: sentAt === undefined ? undefined : Math.floor(sentAt),
  frame: {
    fPort: frame.fPort,
    fCnt: frame.fCnt,
    session: frame.session,
    confirmed: frame.confirmed === true,
    frequency: frame.frequency,
    dataRate: frame.dataRate,
    heard: frame.receptions.map(({ gateway, rssi, snr }) => `${gateway} ${rssi} ${snr}`).toSorted(),
  },
});

describe('what the simulated ChirpStack publishes', () => {
  it('is read as the frame that it is about, the zeros that were left out among it', () => {
    const frames = framesBy('chirpstack');
    let withZero = 0;
    for (const frame of frames) {
      const [up] = upEvents(frame, { devAddr, copy: 0 });
      if (up === undefined) throw new Error('no event');
      const [, , , devEui] = up.topic.split('/');
      const messages = readChirpstack('up', bytes(up.payload), {
        connector: 'chirpstack-mqtt',
        at: instant(frame.atMs + 300),
        devEui,
      });
      const uplinks = messages.filter((message): message is NetworkUplink => message.kind === 'uplink');
      expect(uplinks.map(became)).toEqual([expected(frame)]);
      if (frame.channel.index === 0 && !up.payload.includes('"channel"')) withZero += 1;
    }
    expect(frames.length).toBeGreaterThan(700);
    expect(withZero).toBeGreaterThan(20);
  });

  it('of joins, states, errors and gateways is understood', () => {
    const frames = framesBy('chirpstack');
    const [frame] = frames;
    const withLog = frames.filter(({ plays }) => plays.includes('codec-error') || plays.includes('mic-error'));
    if (frame === undefined) throw new Error('no frame');
    const events = [
      joinEvent(frame, devAddr),
      statusEvent(frame),
      ...withLog.flatMap((each) => upEvents(each, { devAddr, copy: 0 }).slice(1)),
      statsEvent(townHall, begunMs, { received: 12, receivedOk: 11 }),
      connState(townHall, false),
    ];
    const kinds: string[] = [];
    for (const { topic, payload } of events) {
      const last = topic.split('/').at(-1) ?? '';
      const messages = readChirpstack(last, bytes(payload), { connector: 'chirpstack-mqtt', at: instant(begunMs) });
      expect(messages.filter(({ kind }) => kind === 'refused')).toEqual([]);
      kinds.push(...messages.map(({ kind }) => kind));
    }
    expect([...new Set(kinds)].toSorted()).toEqual(['connection', 'join', 'log', 'stats', 'status']);
  });
});

describe('what the simulated Things Stack posts', () => {
  const read = (text: string, atMs: number) =>
    readThingsStack(bytes(text), { connector: 'tts-webhook', at: instant(atMs) });

  it('is read as the frame that it is about, also the first of a session, whose counter is left out', () => {
    const frames = framesBy('things-stack');
    let left = 0;
    for (const frame of frames) {
      const text = uplinkWords(frame, { devAddr, simulated: false });
      const uplinks = read(text, frame.atMs + 400).filter(
        (message): message is NetworkUplink => message.kind === 'uplink',
      );
      expect(uplinks.map(became)).toEqual([expected(frame)]);
      expect(text.includes('"f_cnt"')).toBe(frame.fCnt !== 0);
      if (frame.fCnt === 0) left += 1;
    }
    expect(left).toBe(6);
    expect(frames.length).toBeGreaterThan(650);
  });

  it('is turned away where it is only simulated', () => {
    const [frame] = framesBy('things-stack');
    if (frame === undefined) throw new Error('no frame');
    const said = read(uplinkWords(frame, { devAddr, simulated: true }), frame.atMs);
    expect(said).toMatchObject([{ kind: 'refused', reason: 'simulated' }]);
  });
});
