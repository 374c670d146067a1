import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDemoBroker, type DemoBroker } from '../../../commands/demo/lorawan/broker.ts';
import { gateways } from '../../../commands/demo/lorawan/gateways.ts';
import { radioKindOf, radioSensors, type RadioDoor } from '../../../commands/demo/lorawan/network.ts';
import type { Frame } from '../../../commands/demo/lorawan/outbox.ts';
import { openNetworks, withRadioDoors } from '../../../commands/demo/lorawan/open.ts';
import { radioOutboxes, transmit, type Networks } from '../../../commands/demo/lorawan/run.ts';
import { radioStateAfter, sessionsOf, type RadioState } from '../../../commands/demo/lorawan/sessions.ts';
import { emptyRadioTally, type RadioTally } from '../../../commands/demo/lorawan/tally.ts';
import { demoFile, prepare } from '../../../commands/demo/state.ts';
import { start, type Running } from '../../../commands/start.ts';
import { readConfig, type Config } from '../../../infra/config/index.ts';
import { counted, eventually } from '../../faults/api.ts';
import { freePort } from '../../servers/daemon.ts';

const MINUTE = 60_000;
const SEED = 1;

/** What the API says of a gateway's radio, as far as it is looked at here. */
interface Radio {
  readonly online: boolean | null;
  readonly latitude: number | null;
}

let folder: string;
let broker: DemoBroker;
let running: Running;
let config: Config;
let url: string;
let state: RadioState;
const open = async (): Promise<void> => {
  broker = await openDemoBroker();
  config = await withRadioDoors(
    readConfig({
      env: {
        KERBSIDE_DATA_DIR: folder,
        KERBSIDE_HTTP_PORT: String(await freePort()),
        KERBSIDE_MQTT_PORT: String(await freePort()),
        KERBSIDE_FEEDS_MQTT_PORT: '0',
        KERBSIDE_LOG_LEVEL: 'silent',
      },
    }),
    broker,
  );
  running = await start(config);
  url = running.urls.http?.replace(/\/$/, '') ?? '';
  const { lorawan } = await prepare(running.registry, demoFile(folder));
  // The forty minutes that are sent below lie in the past: a server believes no clock that is far ahead.
  state = { ...lorawan, begunMs: lorawan.begunMs - 45 * MINUTE };
};
const close = async (): Promise<void> => {
  await running.stop();
  await broker.close();
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kerbside-demo-air-'));
  await open();
});
afterAll(async () => {
  await close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
const refused = (connector: string, reason: string): Promise<number> =>
  counted({ url }, 'kerbside_refused_total', { connector, reason });
const outcomes = async (connector: string): Promise<{ readonly stored: number; readonly duplicate: number }> => ({
  stored: await counted({ url }, 'kerbside_uplinks_total', { connector, outcome: 'stored' }),
  duplicate: await counted({ url }, 'kerbside_uplinks_total', { connector, outcome: 'duplicate' }),
});

/** Sends these frames as fast as the doors take them, and answers what was sent. */
const sendAll = async (frames: readonly Frame[]): Promise<RadioTally> => {
  const tally = emptyRadioTally();
  const world = { seed: SEED, begunMs: state.begunMs, sessions: sessionsOf(state), tally };
  const networks: Networks = await openNetworks({ config, http: url, broker, key: state.networkKey }, world);
  for (const network of Object.values(networks)) network.tick(Date.now());
  for (const [index, frame] of frames.entries()) {
    transmit(frame, networks, tally);
    // A gateway waits for nobody, but a street does not speak all at once either.
    if (index % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await eventually('all pushes are acknowledged', () =>
    Promise.resolve(tally.gateways.pushAcknowledged === tally.gateways.pushed),
  );
  for (const network of Object.values(networks)) await network.close();
  return tally;
};

describe('the LoRaWAN sensors of the demo at the doors of a server', () => {
  let frames: readonly Frame[] = [];
  let tally: RadioTally;
  const heardBy = (door: RadioDoor): readonly Frame[] =>
    frames.filter(({ sensor, hearings }) => radioKindOf(sensor).door === door && hearings.length > 0);

  beforeAll(async () => {
    const { begunMs } = state;
    const boxes = radioOutboxes({ seed: SEED, begunMs }, { pauseFromMs: begunMs - 6 * 60 * MINUTE, startMs: begunMs });
    // As if the last forty minutes had just gone by: their times are in the past of the server's clock.
    frames = boxes
      .flatMap((box) => box.frames({ afterMs: begunMs, untilMs: begunMs + 40 * MINUTE }))
      .sort((a, b) => a.atMs - b.atMs);
    tally = await sendAll(frames);
    await eventually('everything is handled', async () => (await counted({ url }, 'kerbside_journal_backlog')) === 0);
  }, 60_000);

  it('bring readings of every sensor into the store, by all three ways', async () => {
    const expected = sum(
      ['chirpstack', 'things-stack', 'semtech-udp'].map((door) => heardBy(door as RadioDoor).length),
    );
    expect(expected).toBeGreaterThan(1000);
    expect(sum(Object.values(tally.heard))).toBe(expected);
    await eventually('each frame is stored', async () => {
      const stored = await Promise.all(['chirpstack-mqtt', 'tts-webhook', 'semtech-udp'].map(outcomes));
      return sum(stored.map(({ stored: count }) => count)) === expected;
    });
    const { observations } = (await (
      await fetch(`${url}/api/v1/observations/latest`, {
        headers: {
          authorization: `Bearer ${(await running.registry.createKey({ name: 'look', role: 'viewer' })).secret}`,
        },
      })
    ).json()) as {
      observations: readonly { readonly device: string; readonly quantity: string; readonly flag: number }[];
    };
    for (const sensor of radioSensors) {
      const quantities = observations.filter(({ device }) => device === sensor.id).map(({ quantity }) => quantity);
      expect([sensor.id, ...quantities].toSorted()).toEqual([sensor.id, ...radioKindOf(sensor).quantities].toSorted());
    }
    expect(await counted({ url }, 'kerbside_uplinks_total', { outcome: 'quarantined' })).toBe(0);
  });

  it('by ChirpStack: what was published = stored + duplicates, and nothing is turned away', async () => {
    const { stored, duplicate } = await outcomes('chirpstack-mqtt');
    expect({ stored, sum: stored + duplicate }).toEqual({
      stored: heardBy('chirpstack').length,
      sum: tally.published.up,
    });
    expect(duplicate).toBeGreaterThan(0);
    expect(await counted({ url }, 'kerbside_refused_total', { connector: 'chirpstack-mqtt' })).toBe(0);
  });

  it("tells of each gateway where it is, and of ChirpStack's that they are connected", async () => {
    const { secret } = await running.registry.createKey({ name: 'gateways', role: 'viewer' });
    const answer = await fetch(`${url}/api/v1/gateways`, { headers: { authorization: `Bearer ${secret}` } });
    const { gateways: shown } = (await answer.json()) as { gateways: readonly { id: string; radio: Radio | null }[] };
    const seen = gateways.map(({ eui }) => {
      const { online, latitude } = shown.find(({ id }) => id === eui)?.radio ?? {};
      return { eui, online, latitude };
    });
    expect(seen).toEqual(
      gateways.map(({ eui, network, latitude }) => ({ eui, online: network === 'chirpstack' ? true : null, latitude })),
    );
  });

  it('by The Things Stack: what was posted = stored + duplicates + simulated', async () => {
    const { stored, duplicate } = await outcomes('tts-webhook');
    const { uplinks, simulated, accepted, failed } = tally.posted;
    expect(stored).toBe(heardBy('things-stack').length);
    expect(stored + duplicate).toBe(uplinks);
    expect(await refused('tts-webhook', 'simulated')).toBe(simulated);
    expect({ failed, accepted }).toEqual({ failed: 0, accepted: uplinks + simulated });
    expect(Math.min(duplicate, simulated)).toBeGreaterThan(0);
  });

  it('by gateways: frames sent = uplinks + duplicates + foreign ones + those that are refused, reason by reason', async () => {
    const counts = tally.gateways;
    const radio = async (outcome: string): Promise<number> =>
      counted({ url }, 'kerbside_radio_frames_total', { outcome });
    expect({
      uplink: await radio('uplink'),
      duplicate: await radio('duplicate'),
      foreign: await radio('foreign'),
      refused: await radio('refused'),
    }).toEqual({
      uplink: counts.first,
      duplicate: counts.copies,
      foreign: counts.foreign,
      refused: counts.damaged + counts.wronglySigned + counts.replayed,
    });
    expect({
      damaged: await refused('semtech-udp', 'checksum-bad'),
      wronglySigned: await refused('semtech-udp', 'mic-wrong'),
      replayed: await refused('semtech-udp', 'counter-replayed'),
    }).toEqual({ damaged: counts.damaged, wronglySigned: counts.wronglySigned, replayed: counts.replayed });
    expect(counts.first).toBe(heardBy('semtech-udp').length);
    expect(Math.min(counts.copies, counts.foreign, counts.damaged, counts.wronglySigned)).toBeGreaterThan(0);
    expect(counts.pushAcknowledged).toBe(counts.pushed);
    expect(counts.pullAcknowledged).toBe(counts.pulled);
    process.stdout.write(`demo: ${JSON.stringify({ ...tally, plays: Object.fromEntries(tally.plays) })}\n`);
  });

  it('keeps its keys over a restart, and goes on with the counters where they were', async () => {
    const before = state;
    await close();
    await open();
    expect(state).toEqual(before);
    const boxes = radioOutboxes(
      { seed: SEED, begunMs: state.begunMs },
      { pauseFromMs: state.begunMs, startMs: state.begunMs },
    );
    const later = boxes
      .filter(({ sensor }) => radioKindOf(sensor).door === 'semtech-udp')
      .flatMap((box) => box.frames({ afterMs: state.begunMs + 40 * MINUTE, untilMs: state.begunMs + 45 * MINUTE }))
      .sort((a, b) => a.atMs - b.atMs);
    const earlier = heardBy('semtech-udp').slice(-40);
    const { gateways: counts } = await sendAll([...earlier, ...later]);
    expect(counts.first).toBe(earlier.length + later.filter(({ hearings }) => hearings.length > 0).length);
    // What was taken before the restart is not taken again; what is new is.
    await eventually(
      'the new frames are stored',
      async () => (await outcomes('semtech-udp')).stored === later.filter(({ hearings }) => hearings.length > 0).length,
    );
    const copies = sum(earlier.map(({ hearings }) => hearings.length));
    expect((await refused('semtech-udp', 'counter-replayed')) + (await refused('semtech-udp', 'counter-anew'))).toBe(
      copies,
    );
  });
});

describe('the sessions of the demo', () => {
  const DAY = 24 * 60 * MINUTE;
  it('are made anew after three months, keys, addresses and counters', () => {
    const nowMs = Date.UTC(2026, 10, 23);
    const first = radioStateAfter(undefined, { nowMs, networkKey: 'k' });
    expect(first.devices).toHaveLength(radioSensors.length);
    expect(new Set(first.devices.flatMap(({ nwkSKey, appSKey }) => [nwkSKey, appSKey])).size).toBe(
      2 * radioSensors.length,
    );
    expect(radioStateAfter(first, { nowMs: nowMs + 89 * DAY, networkKey: 'k' })).toEqual(first);
    const anew = radioStateAfter(first, { nowMs: nowMs + 91 * DAY, networkKey: 'k' });
    expect(anew.begunMs).toBe(nowMs + 91 * DAY);
    const values = (each: RadioState): readonly string[] =>
      each.devices.flatMap(({ devAddr, nwkSKey, appSKey }) => [devAddr, nwkSKey, appSKey]);
    expect(values(anew).filter((value) => values(first).includes(value))).toEqual([]);
  });
});
