import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deviceId,
  instant,
  profileId,
  quarantineReasons,
  uplinkId,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import { compareUplinks, DIFFERENCES_AT_MOST, type Within } from '../../infra/preview/compare.ts';
import type { Explanation } from '../../infra/preview/contract.ts';

const NOON = instant(Date.UTC(2026, 5, 1, 12));
const uplink = (n: number): Uplink => ({
  id: uplinkId(String(n).padStart(22, 'c')),
  redelivered: false,
  connector: 'mqtt',
  device: { by: 'id', value: deviceId('aq-1') },
  receivedAt: NOON,
  payload: Uint8Array.of(n & 255),
});
const profile = (name: string): Profile => ({
  id: profileId(`test/${name}`),
  name,
  maker: 'test',
  sends: 'lorawan',
  draft: false,
  alsoKnownAs: [],
  lorawanProfileIds: [],
  everyMs: 1,
  fields: new Map(),
  version: '0',
  decode: async () => [],
  trial: () => profile(name),
  vectors: async () => [],
});
const [a, b] = [profile('a'), profile('b')];

/** What a side says of one uplink, without the uplink itself. */
type Saying = Omit<Explanation, 'uplink'>;
const compare = (pairs: readonly (readonly [Saying, Saying])[], wordsOnly = false) =>
  compareUplinks(
    async (uplinks, trial) =>
      uplinks.map((one) => {
        const [ofA, ofB] = pairs[Number(one.id.replaceAll(/\D/g, ''))] ?? [nothing, nothing];
        return { uplink: one, ...(trial?.profile === a ? ofA : ofB) };
      }),
    { a: { profile: a }, b: { profile: b }, wordsOnly },
    pairs.map((_, n) => uplink(n)),
  );

const nothing: Saying = { said: [], warnings: [], unmapped: [], readings: [] };
const says = (temperature: number | null, more: object = {}): Saying => ({
  ...nothing,
  said: [{ t: temperature, ...more }],
  readings: [
    {
      time: NOON,
      clock: 'receipt',
      site: null,
      borough: null,
      values: [
        {
          key: 't',
          unit: 'Cel',
          quantity: 'temperature',
          raw: temperature,
          ...(temperature === null
            ? ({ value: { kind: 'absent', reason: 'missing' }, flag: 9, reason: 'missing' } as const)
            : ({ value: { kind: 'measured', value: temperature }, flag: 1 } as const)),
        },
      ],
    },
  ],
});
const refuses = (reason: (typeof quarantineReasons)[number]): Saying => ({
  ...nothing,
  refused: { step: 'decode', reason, detail: 'x' },
});

const saying: fc.Arbitrary<Saying> = fc.oneof(
  fc.constantFrom(...quarantineReasons).map(refuses),
  fc
    .tuple(
      fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 3 })),
    )
    .map(([temperature, more]) => says(temperature, { more })),
);

describe('a comparison of two ways to read', () => {
  it('finds everything the same with itself, whatever it says', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(saying, { minLength: 1, maxLength: 120 }), fc.boolean(), async (sayings, wordsOnly) => {
        const done = await compare(
          sayings.map((one) => [one, structuredClone(one)]),
          wordsOnly,
        );
        expect(done).toMatchObject({ compared: sayings.length, same: sayings.length, found: 0, differences: [] });
        compared += done.compared;
      }),
      { numRuns: 200 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  it('counts each uplink once, mirrors when the sides change places, and never answers more than it may', async () => {
    let different = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(saying, saying), { maxLength: 120 }), async (pairs) => {
        const done = await compare(pairs);
        const mirror = await compare(pairs.map(([one, other]) => [other, one]));
        expect(done.same + done.different + done.onlyARefused + done.onlyBRefused).toBe(pairs.length);
        expect([mirror.same, mirror.different, mirror.onlyARefused, mirror.found]).toEqual([
          done.same,
          done.different,
          done.onlyBRefused,
          done.found,
        ]);
        expect(done.differences).toHaveLength(Math.min(done.found, DIFFERENCES_AT_MOST));
        different += done.different;
      }),
      { numRuns: 60 },
    );
    expect(different).toBeGreaterThan(100);
  });

  it('names the largest differences of many, and none of them is lost among the small ones', async () => {
    const pairs = Array.from({ length: 900 }, (_, n) => [says(0), says(n === 450 ? 1e6 : n / 1000)] as const);
    const done = await compare(pairs);
    expect(done.found).toBe(2 * 899);
    expect(done.differences).toHaveLength(DIFFERENCES_AT_MOST);
    expect(done.differences.slice(0, 3).map(({ b: value }) => value)).toEqual([1e6, 1e6, 0.899]);
  });

  it('goes no further than it may, and says so', async () => {
    const many = Array.from({ length: 120 }, (_, n) => uplink(n));
    const compareWithin = async (within: Within, onExplain: () => void = () => {}) => {
      let explained = 0;
      const { compared, cut } = await compareUplinks(
        async (uplinks) => {
          explained += uplinks.length;
          onExplain();
          return uplinks.map((one) => ({ uplink: one, ...nothing }));
        },
        { a: { profile: a }, b: { profile: b }, wordsOnly: false },
        many,
        within,
      );
      return { explained, compared, cut };
    };
    const leaver = new AbortController();
    const { signal } = leaver;
    expect(await compareWithin({})).toEqual({ explained: 240, compared: 120, cut: false });
    expect(await compareWithin({ signal, explainingMs: 60_000 })).toEqual({
      explained: 240,
      compared: 120,
      cut: false,
    });
    expect(await compareWithin({ explainingMs: 0 })).toEqual({ explained: 100, compared: 50, cut: true });
    expect(await compareWithin({ signal }, () => leaver.abort())).toEqual({ explained: 100, compared: 50, cut: true });
    expect(await compareWithin({ signal })).toEqual({ explained: 0, compared: 0, cut: true });
  });

  it('tells null from nothing, and an absence from a number', async () => {
    const done = await compare([
      [says(null), says(0)],
      [says(1, { extra: null }), says(1)],
    ]);
    expect(
      done.differences.map(({ path, ...rest }) => [
        path,
        'a' in rest ? rest.a : 'nothing',
        'b' in rest ? rest.b : 'nothing',
      ]),
    ).toEqual([
      ['said.t', null, 0],
      ['observed.temperature', 'missing', 0],
      ['said.extra', null, 'nothing'],
    ]);
  });

  it('sees two refusals for other reasons as different, and for the same reason as the same', async () => {
    const done = await compare([
      [refuses('truncated'), refuses('codec-error')],
      [refuses('truncated'), refuses('truncated')],
      [says(1), refuses('truncated')],
    ]);
    expect(done).toMatchObject({ same: 1, different: 1, onlyBRefused: 1, onlyARefused: 0 });
    expect(done.differences).toMatchObject([{ path: 'refused', a: 'truncated', b: 'codec-error' }]);
    expect(done.refusals.b).toEqual(
      new Map([
        ['codec-error', { uplinks: 1, detail: 'x' }],
        ['truncated', { uplinks: 2, detail: 'x' }],
      ]),
    );
  });
});
