import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../device-profiles/catalogue.ts';
import { inputOf } from '../../device-profiles/check-vectors.ts';
import { openSandbox, type Sandbox } from '../../device-profiles/codec/sandbox.ts';
import { vectorsSchema, type Vector } from '../../device-profiles/definition/schema.ts';
import { parseYaml } from '../../device-profiles/definition/yaml.ts';
import {
  deviceId,
  instant,
  profileId,
  uplinkId,
  type DeviceId,
  type JudgedReading,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import type { Explain } from '../../infra/preview/contract.ts';
import { openLocalBus } from '../../infra/live/local.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openMetrics } from '../../infra/metrics/index.ts';
import { openRegistryIn } from '../../infra/registry/open.ts';
import type { Quarantined, Registry } from '../../infra/registry/contract.ts';
import { openSqliteTimeSeries } from '../../infra/timeseries/sqlite.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { openAlerts } from '../../ingest/alerts/evaluate.ts';
import { explainer } from '../../ingest/explain.ts';
import { openBench } from '../../ingest/judge.ts';
import { pipeline } from '../../ingest/pipeline.ts';

const log = openLog('silent');
const NOON = instant(Date.UTC(2026, 5, 1, 12));
const clock = { now: () => NOON };
const window = { futureMs: 600_000 };
const folder = mkdtempSync(join(tmpdir(), 'kerbside-explain-'));

let catalogue: OpenCatalogue;
let sandbox: Sandbox;
let registry: Registry;
let timeseries: TimeSeries;
let explain: Explain;
beforeAll(async () => {
  catalogue = await openCatalogue([ownCatalogue]);
  sandbox = await openSandbox({ threads: 1 });
  registry = await openRegistryIn(folder, { clock, log, catalogue });
  timeseries = openSqliteTimeSeries({ file: join(folder, 'timeseries.db'), clock, log });
  explain = explainer({ registry, timeseries, catalogue, window, sandbox });
});
afterAll(async () => {
  await timeseries.close();
  await registry.close();
  await sandbox.close();
  await catalogue.close();
  rmSync(folder, { recursive: true });
});

const vectorsOf = (profile: string): readonly Vector[] => {
  const file = join(ownCatalogue, profile, 'vectors.yaml');
  const parsed = parseYaml(vectorsSchema, readFileSync(file, 'utf8'), file);
  if ('faults' in parsed) throw new Error(`${file} has faults`);
  return parsed.value;
};

let said = 0;
const uplinkFrom = (device: DeviceId, payload: Uint8Array, more: Partial<Uplink> = {}): Uplink => {
  said += 1;
  return {
    id: uplinkId(String(said).padStart(22, 'e')),
    redelivered: false,
    connector: 'mqtt',
    device: { by: 'id', value: device },
    receivedAt: NOON,
    payload,
    ...more,
  };
};

/** A frame that says nothing is neither a reading nor refused. */
const isMute = ({ lorawan, payload }: Pick<Uplink, 'lorawan' | 'payload'>): boolean =>
  lorawan !== undefined && (lorawan.fPort === 0 || payload.length === 0);

describe('an explanation is what the pipeline does', () => {
  it('for each vector of each profile of the catalogue: the same readings stored, or the same refusal', async () => {
    const cases = catalogue.list().flatMap(({ id }) =>
      vectorsOf(id).map((vector, index) => ({
        profile: id,
        vector,
        device: deviceId(`${id.replace('/', '.')}-${index}`.slice(0, 64)),
      })),
    );
    await registry.addDevices(cases.map(({ device, profile }) => ({ id: device, profile, site: 'market-place' })));
    const uplinks = cases.map(({ device, vector }) => {
      const input = inputOf(vector);
      if (typeof input === 'string') throw new Error(input);
      const { payload, receivedAt, fPort } = input;
      const lorawan = fPort === undefined ? {} : { lorawan: { fPort, fCnt: 1, session: 's', receptions: [] } };
      return uplinkFrom(device, payload, { receivedAt, ...lorawan });
    });
    const explained = await explain(uplinks);

    const announced: JudgedReading[] = [];
    const live = openLocalBus();
    live.subscribe((events) => {
      for (const { event } of events) if (event.kind === 'reading') announced.push(event.reading);
    });
    const alerts = await openAlerts({ registry, timeseries, clock, gauge: openMetrics().alerts });
    const run = pipeline({
      registry,
      catalogue,
      timeseries,
      alerts,
      judge: openBench({ registry, timeseries }).judge(),
      live,
      note: () => {},
      radio: { note: () => {} },
      metrics: openMetrics(),
      clock,
      window,
    });
    await run(uplinks.map((uplink, index) => ({ seq: index + 1, uplink })));
    const quarantined: readonly Quarantined[] = await registry.quarantined({ limit: 10_000 });
    const stored = Map.groupBy(announced, ({ device }) => device);
    const set = new Map(quarantined.map((one) => [one.uplink.id, one]));

    let [readings, refusals] = [0, 0];
    for (const [index, one] of explained.entries()) {
      const { device } = cases[index] ?? { device: deviceId('x') };
      const values = one.readings.map(({ time, site, borough, values: all }) => ({
        time,
        site,
        borough,
        device,
        receivedAt: one.uplink.receivedAt,
        observations: all.map(({ quantity, value, raw, flag, reason }) => ({
          quantity,
          value,
          raw,
          flag,
          ...(reason === undefined ? {} : { reason }),
        })),
      }));
      expect(values).toEqual(stored.get(device) ?? []);
      const refusal = set.get(one.uplink.id);
      expect(one.refused && [one.refused.reason, one.refused.detail]).toEqual(
        refusal && [refusal.reason, refusal.detail],
      );
      expect(one.refused === undefined).toBe(values.length > 0 || isMute(one.uplink));
      readings += values.length;
      refusals += refusal === undefined ? 0 : 1;
    }
    expect(explained.length).toBeGreaterThan(400);
    expect(refusals).toBeGreaterThan(100);
    expect(readings).toBeGreaterThan(150);
    expect(quarantined.length).toBe(refusals);
    expect(announced.length).toBe(readings);
  }, 60_000);

  it('names the keys that nobody maps, as many as the profile counts', async () => {
    let counted = 0;
    for (const profile of catalogue.list()) {
      for (const vector of vectorsOf(profile.id)) {
        const input = inputOf(vector);
        if (typeof input === 'string' || vector.unmapped === undefined) continue;
        const { payload, receivedAt, fPort } = input;
        const lorawan = fPort === undefined ? {} : { lorawan: { fPort, fCnt: 1, session: 's', receptions: [] } };
        const [one] = await explain([uplinkFrom(deviceId('x'), payload, { receivedAt, ...lorawan })], {
          profile: profile.trial(sandbox),
        });
        expect(one?.unmapped.length, `${profile.id}: ${vector.name}`).toBeLessThanOrEqual(vector.unmapped);
        expect(one?.unmapped.length === 0).toBe(vector.unmapped === 0);
        counted += 1;
      }
    }
    expect(counted).toBeGreaterThan(0);
  });
});

describe('an explanation says', () => {
  const text = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
  beforeAll(async () => {
    await registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical', site: 'wrs-14' });
  });

  it("the maker's words, what is mapped, what is not, and why the time is what it is", async () => {
    const [one] = await explain([
      uplinkFrom(deviceId('aq-1'), text({ pm2_5: 12.5, humidity: 400, colour: 'red', inner: { x: 1 } })),
    ]);
    expect(one).toMatchObject({
      device: 'aq-1',
      profile: { id: 'kerbside/canonical' },
      said: [{ pm2_5: 12.5, humidity: 400, colour: 'red', inner: { x: 1 } }],
      unmapped: ['colour', 'inner.x'],
      readings: [
        {
          clock: 'receipt',
          time: NOON,
          site: 'wrs-14',
          values: [
            { key: 'pm2_5', quantity: 'pm2_5', unit: 'ug/m3', raw: 12.5, flag: 1 },
            { key: 'humidity', quantity: 'humidity', flag: 4, reason: 'gross-range' },
          ],
        },
      ],
    });
    expect(one).not.toHaveProperty('refused');
  });

  it('whose clock gave the time, and what was told where nobody believes it', async () => {
    const timed = (time: string | undefined, sentAt?: number) =>
      uplinkFrom(
        deviceId('aq-1'),
        text({ pm2_5: 1, ...(time === undefined ? {} : { time }) }),
        sentAt === undefined ? {} : { sentAt: instant(sentAt) },
      );
    const explained = await explain([
      timed('2026-06-01T11:00:00Z'),
      timed(undefined, NOON - 5000),
      timed('1970-01-01T00:00:00Z'),
    ]);
    expect(explained.map(({ readings: [reading] }) => [reading?.clock, reading?.time, reading?.disbelieved])).toEqual([
      ['device', Date.UTC(2026, 5, 1, 11), undefined],
      ['sender', NOON - 5000, undefined],
      ['receipt', NOON, 0],
    ]);
    expect(explained[2]?.readings[0]?.values[0]).toMatchObject({ flag: 3, reason: 'device-time' });
  });

  it.each([
    {
      when: 'nobody knows the device',
      device: 'stranger',
      message: { pm2_5: 1 },
      step: 'identify',
      reason: 'device-unknown',
      said: 0,
    },
    {
      when: 'the message has no number',
      device: 'aq-1',
      message: { pm2_5: 'much' },
      step: 'decode',
      reason: 'not-a-number',
      said: 1,
    },
    {
      when: 'nothing in it is mapped',
      device: 'aq-1',
      message: { colour: 'red' },
      step: 'decode',
      reason: 'no-quantity',
      said: 1,
    },
    {
      when: 'two samples are of one time',
      device: 'aq-1',
      message: [{ pm2_5: 1 }, { pm2_5: 2 }],
      step: 'normalise',
      reason: 'wrong-shape',
      said: 2,
    },
  ])('at which step it was refused: $when', async ({ device, message, step, reason, said: messages }) => {
    const [one] = await explain([uplinkFrom(deviceId(device), text(message))]);
    expect(one?.refused).toMatchObject({ step, reason });
    expect(one?.readings).toEqual([]);
    expect(one?.said).toHaveLength(messages);
  });

  it('what a codec warns of, and nothing of where a namesake of nobody stands', async () => {
    const profile = catalogue.get(profileId('milesight/vs133'));
    await registry.addDevice({ id: 'nobody', profile: 'kerbside/canonical', site: 'wrs-14' });
    const codec =
      "function decodeUplink(i) { return { data: { pm2_5: i.bytes[0] }, warnings: ['low battery', 7, 'twice\\n'] }; }";
    const canonical = catalogue.get(profileId('kerbside/canonical'))?.trial(sandbox, codec);
    if (profile === undefined || canonical === undefined) throw new Error('the catalogue has lost a profile');
    const [one] = await explain([uplinkFrom(deviceId('nobody'), Uint8Array.of(9))], {
      profile: canonical,
      device: null,
    });
    expect(one).toMatchObject({
      warnings: ['low battery', 'twice '],
      readings: [{ site: null, values: [{ quantity: 'pm2_5', raw: 9 }] }],
    });
    expect(one).not.toHaveProperty('device');
    expect(canonical.version).not.toBe(catalogue.get(profileId('kerbside/canonical'))?.version);
  });

  it('one thing for each uplink, in their order, the same one twice too', async () => {
    const [a, b] = [
      uplinkFrom(deviceId('aq-1'), text({ pm2_5: 1 })),
      uplinkFrom(deviceId('stranger'), text({ pm2_5: 2 })),
    ];
    const explained = await explain([a, b, a]);
    expect(explained.map(({ uplink }) => uplink)).toEqual([a, b, a]);
    expect(explained[2]).toEqual(explained[0]);
  });

  it('something for any payload, and never throws', async () => {
    const profiles = catalogue.list().map((profile) => profile.trial(sandbox));
    let ran = 0;
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((json) => Buffer.from(json)),
      fc.string().map((words) => Buffer.from(words)),
    );
    await fc.assert(
      fc.asyncProperty(
        payload,
        fc.constantFrom(...profiles),
        fc.integer({ min: 0, max: 255 }),
        async (bytes, profile, fPort) => {
          const uplink = uplinkFrom(deviceId('aq-1'), bytes, {
            lorawan: { fPort, fCnt: 0, session: '', receptions: [] },
          });
          const [own, tried] = [await explain([uplink]), await explain([uplink], { profile })];
          for (const one of [...own, ...tried]) {
            expect(one.refused === undefined || isMute(uplink)).toBe(one.readings.length > 0 || isMute(uplink));
            expect(JSON.parse(JSON.stringify(one.said))).toEqual(one.said);
          }
          ran += 1;
        },
      ),
      { numRuns: 150 },
    );
    expect(ran).toBeGreaterThanOrEqual(150);
  }, 60_000);
});
