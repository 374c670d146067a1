import { join } from 'node:path';
import * as fc from 'fast-check';
import nunjucks from 'nunjucks';
import { describe, expect, test } from 'vitest';
import { causeOf, fleetOf, type FleetMember, type GatewayWord } from '../../dashboard/now/routes.ts';
import {
  conditions,
  fairHearing,
  hearing,
  reportingWithinMs,
  silentAfterMs,
  type Attention,
} from '../../dashboard/now/rules.ts';
import { causeWords, conditionWord } from '../../dashboard/pages/words.ts';
import { deviceId, instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { HeardDevice, RouteKind } from '../../infra/heard/contract.ts';
import { listenedMs } from '../../infra/heard/listening.ts';
import { englishWords } from '../../dashboard/words/index.ts';

const minutes = (n: number): number => n * 60_000;
const hours = (n: number): number => n * 3_600_000;
const noon = instant(Date.parse('2026-01-15T12:00:00Z'));
const at = (ms: number): Instant => instant(noon + ms);
const sensor = (heardAt: Instant | undefined, everyMs = minutes(10)) => ({
  heardAt,
  everyMs,
  createdAt: at(-hours(100)),
});
const attention = (asOf: Instant, ...listened: readonly (readonly [number, number])[]): Attention => ({
  asOf,
  listened: listened.map(([from, to]) => ({ from: at(from), to: at(to) })),
});

describe('a fair wait', () => {
  test('after the server was down nobody is late or silent before it has listened for his window', () => {
    const down = hours(48);
    const state = (sinceStart: number) =>
      fairHearing(
        sensor(at(-minutes(5))),
        attention(at(down + sinceStart), [-hours(90), 0], [down, down + sinceStart]),
      );
    expect(state(0)).toBe('listening');
    expect(state(minutes(25))).toBe('listening');
    expect(state(minutes(26))).toBe('late');
    expect(state(hours(5))).toBe('late');
    expect(state(hours(6))).toBe('silent');
  });

  test('who was silent before stays silent: that silence was listened to', () => {
    const before: readonly [number, number] = [-hours(90), 0];
    expect(fairHearing(sensor(at(-hours(20))), attention(at(hours(48)), before, [hours(48), hours(48)]))).toBe(
      'silent',
    );
    expect(fairHearing(sensor(at(-hours(1))), attention(at(hours(48)), before, [hours(48), hours(48)]))).toBe('late');
  });

  test('a device that was never heard is that, at once; an old one of which nothing is known is waited for', () => {
    expect(fairHearing(sensor(undefined), attention(at(0), [0, 0]))).toBe('never-heard');
    expect(fairHearing({ ...sensor(undefined), createdAt: at(-hours(2_000)) }, attention(at(0), [0, 0]))).toBe(
      'listening',
    );
  });

  /** Messages, breaks and looks, in order of time, as they may happen. */
  const life = fc.array(
    fc.record({ do: fc.constantFrom('look', 'heard', 'down', 'step'), ms: fc.integer({ min: 1, max: hours(9) }) }),
    { minLength: 1, maxLength: 40 },
  );
  const order = ['ok', 'listening', 'late', 'silent'];

  test('nobody goes from ok to silent without as much listening, and a message makes everybody ok', () => {
    let fell = 0;
    fc.assert(
      fc.property(life, fc.integer({ min: minutes(1), max: hours(24) }), (steps, everyMs) => {
        let now = 0;
        let heardAt = at(0);
        const listened: { from: Instant; to: Instant }[] = [{ from: at(0), to: at(0) }];
        let sinceOk = 0;
        let before = 'ok';
        const wrong: string[] = [];
        for (const step of steps) {
          now += step.ms;
          if (step.do === 'down' || step.do === 'step') listened.push({ from: at(now), to: at(now) });
          else {
            const last = listened.at(-1);
            if (last !== undefined) listened[listened.length - 1] = { from: last.from, to: at(now) };
            sinceOk += step.ms;
          }
          if (step.do === 'heard') heardAt = at(now);
          const state = fairHearing({ heardAt, everyMs, createdAt: at(-1) }, { asOf: at(now), listened });
          const spoke = step.do === 'heard';
          if (spoke) sinceOk = 0;
          if (spoke && state !== 'ok') wrong.push(`${state} after a message`);
          if (state === 'late' && sinceOk <= reportingWithinMs(everyMs)) wrong.push(`late after ${sinceOk}`);
          if (state === 'silent' && sinceOk <= silentAfterMs(everyMs)) wrong.push(`silent after ${sinceOk}`);
          // Without a message it only gets worse.
          if (!spoke && order.indexOf(state) < order.indexOf(before)) wrong.push(`${state} after ${before}`);
          fell += state === 'silent' ? 1 : 0;
          before = state;
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 500 },
    );
    expect(fell).toBeGreaterThan(50);
  });

  test('it is never worse than the plain rule, and where the server always listened it is the plain rule', () => {
    fc.assert(
      fc.property(
        fc.nat(hours(90)),
        fc.integer({ min: 1, max: hours(30) }),
        fc.array(fc.nat(hours(90)), { maxLength: 6 }),
        (age, everyMs, cuts) => {
          const edges = cuts.toSorted((a, b) => a - b);
          const spans = edges.flatMap((to, i) =>
            i % 2 === 1 ? [{ from: at(-hours(90) + (edges[i - 1] ?? 0)), to: at(-hours(90) + to) }] : [],
          );
          const device = sensor(at(-age), everyMs);
          const plain = hearing(device, at(0));
          const fair = fairHearing(device, { asOf: at(0), listened: spans });
          expect(order.indexOf(fair === 'listening' ? 'ok' : fair)).toBeLessThanOrEqual(order.indexOf(plain));
          expect(fairHearing(device, attention(at(0), [-hours(100), 0]))).toBe(plain);
          expect(listenedMs(spans, at(-age), at(0))).toBeLessThanOrEqual(age);
        },
      ),
    );
  });
});

describe('why a sensor is not heard', () => {
  const member = (
    id: string,
    heardAgo: number,
    routes: readonly (readonly [RouteKind, string])[],
    change: Partial<HeardDevice> = {},
  ): FleetMember => {
    const heardAt = at(-heardAgo);
    const heard: HeardDevice = {
      device: deviceId(id),
      seq: 1,
      heardAt,
      connector: 'mqtt',
      routes: routes.map(([kind, name]) => ({ kind, name, at: heardAt })),
      ...change,
    };
    return {
      heard,
      everyMs: minutes(10),
      hearing: hearing({ heardAt, everyMs: minutes(10), createdAt: at(-hours(99)) }, at(0)),
    };
  };
  const cause = (
    members: readonly FleetMember[],
    brokerUp?: boolean,
    words: Readonly<Record<string, GatewayWord>> = {},
  ) => {
    const [first] = members;
    if (first === undefined) throw new Error('nobody');
    const up = first?.heard.connector === 'external-mqtt' ? brokerUp : undefined;
    return causeOf(first, fleetOf(members), up, (id) => words[id]);
  };
  const roof = [['lorawan-gateway', 'roof']] as const;
  const both = [...roof, ['lorawan-gateway', 'tower']] as const;
  const door = [['door', 'mqtt']] as const;

  test('it is the sensor when others were heard over the same gateway since', () => {
    expect(cause([member('a', hours(2), roof), member('b', minutes(1), roof)])).toEqual({
      cause: 'sensor',
      alsoUnheard: 0,
    });
    expect(
      cause([
        member('a', hours(2), both),
        member('b', hours(3), roof),
        member('c', minutes(1), [['lorawan-gateway', 'tower']]),
      ]),
    ).toMatchObject({ cause: 'sensor' });
  });

  test('it is the gateway when nothing came over any of its routes since, with how many share its fate', () => {
    const others = [
      member('b', hours(2) - minutes(9), roof),
      member('c', hours(2), both),
      member('d', minutes(2), door),
    ];
    expect(cause([member('a', hours(2), roof), ...others])).toEqual({
      cause: 'gateway',
      route: { kind: 'lorawan-gateway', name: 'roof' },
      alsoUnheard: 2,
    });
  });

  test('a message that another sent before this one was even late does not show that its gateway lives', () => {
    expect(
      cause([member('a', hours(2), roof), member('b', hours(2) - minutes(29), roof), member('d', 0, door)]),
    ).toMatchObject({ cause: 'gateway' });
    expect(
      cause([member('a', hours(2), roof), member('b', hours(2) - minutes(31), roof), member('d', 0, door)]),
    ).toMatchObject({ cause: 'sensor' });
  });

  test('a device on the bench shows that a gateway lives, and is never one that shares its fate', () => {
    const bench = (ago: number): FleetMember => ({ ...member('bench', ago, roof), hearing: undefined });
    expect(cause([member('a', hours(2), roof), bench(0)])).toMatchObject({ cause: 'sensor' });
    expect(cause([member('a', hours(2), roof), bench(hours(2)), member('d', 0, door)])).toMatchObject({
      cause: 'unknown',
    });
    expect(fleetOf([member('a', hours(2), roof), bench(0)]).routes.get('lorawan-gateway roof')).toMatchObject({
      devices: 1,
      unheard: 1,
    });
  });

  test('it is unknown when nobody else was due by its routes', () => {
    expect(cause([member('a', hours(2), roof), member('d', 0, door)])).toEqual({ cause: 'unknown', alsoUnheard: 0 });
    expect(cause([member('a', hours(2), roof)])).toMatchObject({ cause: 'unknown' });
  });

  test('it is the door when nothing at all came in, and the broker when that is not connected or silent for all', () => {
    expect(
      cause([member('a', hours(2), roof), member('b', hours(2), door), member('c', hours(3), roof)]),
    ).toMatchObject({ cause: 'door', alsoUnheard: 2 });
    expect(cause([member('a', hours(2), door), member('b', hours(2), door)])).toMatchObject({
      cause: 'door',
      alsoUnheard: 1,
    });
    const broker = [['broker', 'external-mqtt']] as const;
    const change = { connector: 'external-mqtt' } as const;
    expect(cause([member('a', hours(2), broker, change), member('d', 0, door)], false)).toEqual({
      cause: 'broker',
      route: { kind: 'broker', name: 'external-mqtt' },
      alsoUnheard: 0,
    });
    expect(
      cause([member('a', hours(2), broker, change), member('b', hours(2), broker, change), member('d', 0, door)], true),
    ).toMatchObject({ cause: 'broker', alsoUnheard: 1 });
  });

  test('what a gateway says of itself tells a silent sensor from a silent gateway, even of its only sensor', () => {
    const word = (change: Partial<GatewayWord> = {}): GatewayWord => ({
      spokeAt: at(-minutes(1)),
      radioAt: at(-minutes(1)),
      offline: false,
      quiet: false,
      ...change,
    });
    const only = [member('a', hours(2), roof), member('d', 0, door)];
    expect(cause(only)).toMatchObject({ cause: 'unknown' });
    expect(cause(only, undefined, { roof: word() })).toEqual({ cause: 'sensor', alsoUnheard: 0 });
    const blamed = { cause: 'gateway', route: { kind: 'lorawan-gateway', name: 'roof' }, alsoUnheard: 0 };
    expect(cause(only, undefined, { roof: word({ offline: true }) })).toEqual(blamed);
    expect(cause(only, undefined, { roof: word({ spokeAt: at(-hours(3)), quiet: true }) })).toEqual(blamed);
    // It spoke last before the sensor was even late.
    expect(cause(only, undefined, { roof: word({ spokeAt: at(-minutes(100)) }) })).toMatchObject({ cause: 'unknown' });
    // One of two is down; of the other nothing is known.
    const two = [member('a', hours(2), both), member('d', 0, door)];
    expect(cause(two, undefined, { roof: word({ offline: true }) })).toMatchObject({ cause: 'unknown' });
    expect(cause(two, undefined, { roof: word({ offline: true }), tower: word() })).toMatchObject({ cause: 'sensor' });
    // Two sensors unheard, and the radio receives nothing although the gateway speaks.
    const pair = [member('a', hours(2), roof), member('b', hours(2), roof), member('d', 0, door)];
    expect(cause(pair, undefined, { roof: word({ radioAt: at(-hours(2)) }) })).toMatchObject({
      cause: 'gateway',
      alsoUnheard: 1,
    });
    expect(cause(pair, undefined, { roof: word() })).toMatchObject({ cause: 'sensor' });
    // All gateways fell silent at once: that is the way in, not each of them.
    const all = [member('a', hours(2), roof), member('b', hours(2), door), member('c', hours(3), roof)];
    expect(cause(all, undefined, { roof: word({ spokeAt: at(-hours(2)), quiet: true }) })).toMatchObject({
      cause: 'door',
    });
  });

  test('a route that it left long ago says nothing of it now', () => {
    const moved = member('a', hours(2), roof);
    const routes = [{ kind: 'lorawan-gateway' as const, name: 'tower', at: at(-hours(40)) }, ...moved.heard.routes];
    expect(
      cause([
        { ...moved, heard: { ...moved.heard, routes } },
        member('b', 0, [['lorawan-gateway', 'tower']]),
        member('c', hours(2), roof),
      ]),
    ).toMatchObject({ cause: 'gateway' });
  });

  test('each cause but the unknown one is said in words, and each condition has a word and a shape of its own', () => {
    const route = { kind: 'gateway-device', name: 'box-3' } as const;
    expect(causeWords({ cause: 'gateway', route, alsoUnheard: 1 }, englishWords)).toBe(
      'its gateway box-3 is silent too, and with it 1 other sensor',
    );
    expect(causeWords({ cause: 'gateway', route, alsoUnheard: 0 }, englishWords)).toBe(
      'its gateway box-3 is silent too',
    );
    expect(causeWords({ cause: 'sensor', alsoUnheard: 0 }, englishWords)).toContain('it is the sensor');
    expect(causeWords({ cause: 'broker', alsoUnheard: 0 }, englishWords)).toContain('not connected');
    expect(causeWords({ cause: 'door', alsoUnheard: 1_200 }, englishWords)).toContain('1,200 other sensors');
    expect(causeWords({ cause: 'unknown', alsoUnheard: 0 }, englishWords)).toBeUndefined();
    expect(new Set(conditions.map((condition) => conditionWord(condition, englishWords))).size).toBe(conditions.length);
    const views = nunjucks.configure(join(import.meta.dirname, '../../dashboard/pages/views'), { autoescape: true });
    const shapes = conditions.map((id) =>
      views.renderString('{% from "parts.njk" import icon %}{{ icon(id) }}', { id }),
    );
    // The class names the condition; what is drawn must tell it too.
    const drawn = new Set(shapes.map((svg) => svg.slice(svg.indexOf('>') + 1)));
    expect(drawn.size).toBe(conditions.length);
  });
});
