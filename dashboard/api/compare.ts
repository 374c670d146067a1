import { Type } from 'typebox';
import { instant, Invalid, type Instant, type Uplink } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import type { DeviceNames, Journal } from '../../infra/journal/contract.ts';
import { compareUplinks } from '../../infra/preview/compare.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import { ComparisonOut, comparisonOut } from '../preview/comparison-shape.ts';
import { pastedShape, pastedUplink } from '../preview/pasted.ts';
import { atMost } from '../limits.ts';
import { closed, problems } from './answers.ts';
import { SideIn, sidesOf, type Sides } from './compare-sides.ts';
import { deviceOf } from './device-shapes.ts';
import { namesOf, newestOf } from './device-uplinks.ts';
import { leaving } from './leaving.ts';
import type { ApiParts } from './parts.ts';
import { spanOf, spanQuery } from './selection.ts';

/** Two codecs of the largest size, in JSON's escapes, and payloads. */
const BODY_BYTES = 2 * 1024 * 1024;
const UPLINKS_AT_MOST = 1_000;
const UPLINKS_DEFAULT = 100;
/** Entries of the journal that one comparison walks over at most: a second of reading, with pauses for other work. */
const WALKED_AT_MOST = 200_000;
/** Uplinks of which the payloads, up to 256 kB each, are in memory at once. */
const PAGE = 50;
/** What one comparison may keep the sandbox busy for: a thousand uplinks take a tenth of it, unless a codec is slow. */
const EXPLAINING_MS = 10_000;
/** Of all devices of a profile, where nobody says from when: a day has one of everything. */
const DAY_MS = 86_400_000;

/** Comparisons by one key in a minute; each may keep the sandbox busy for seconds when a codec has to be stopped. */
const comparing = atMost(20, 60, 'comparing');

/** Two ways to read the same uplinks. */
export const compareRoutes = (api: Http, parts: ApiParts): void => {
  const { registry, explain, clock, may } = parts;
  api.post(
    '/codecs/compare',
    {
      ...may.read,
      ...comparing,
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['vocabulary'],
        operationId: 'compareCodecs',
        summary: 'Read the same uplinks in two ways',
        description:
          'Stored uplinks of a device (its newest; with `from` those from then on), of all devices of the two profiles (the last ' +
          'day, or from `from`), or pasted payloads. Nothing is stored; codecs run in a sandbox apart from the ' +
          'live uplinks, and after ten seconds of them it tells what it has compared. ' +
          'Needs `read`; a pasted codec needs `manage`.',
        body: closed({
          a: SideIn,
          b: SideIn,
          device: Type.Optional(
            Type.String({ description: 'Only what this device sent; or as if it had sent `payloads`' }),
          ),
          payloads: Type.Optional(Type.Array(closed(pastedShape), { minItems: 1, maxItems: UPLINKS_AT_MOST })),
          ...spanQuery,
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: UPLINKS_AT_MOST, default: UPLINKS_DEFAULT })),
        }),
        response: { 200: ComparisonOut, ...problems(404, 429) },
      },
    },
    async (request, reply) => {
      const { a, b, device: id, payloads, from, to, limit = UPLINKS_DEFAULT } = request.body;
      // Strangers' programs are only for those who may also install them.
      if (a.codec !== undefined || b.codec !== undefined) await may.manage.onRequest(request);
      const sides = sidesOf({ a, b }, parts);
      const device = id === undefined ? undefined : deviceOf(registry, id);
      const pasted = payloads?.map((one, index) => pastedUplink(one, clock.now(), `payloads[${index}]: `));
      const signal = leaving(reply.raw);
      const span = spanOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
      const source =
        pasted === undefined
          ? storedUplinks(parts, { sides, device, span, limit, signal })
          : { uplinks: pasted, more: () => false };
      const sender = pasted === undefined ? {} : { device: device ?? null };
      const comparison = await compareUplinks(
        explain,
        { a: { profile: sides.a, ...sender }, b: { profile: sides.b, ...sender }, wordsOnly: sides.wordsOnly },
        source.uplinks,
        { signal, explainingMs: EXPLAINING_MS },
      );
      const told = (profile: Sides['a'], { codec }: SideIn) => ({
        profile: codec === undefined ? profile.id : null,
        version: profile.version,
      });
      return reply.send(
        comparisonOut(comparison, {
          a: told(sides.a, a),
          b: told(sides.b, b),
          wordsOnly: sides.wordsOnly,
          more: comparison.cut || source.more(),
          pasted,
        }),
      );
    },
  );
};

interface Wanted {
  readonly sides: Sides;
  readonly device: Device | undefined;
  readonly span: { readonly from?: Instant; readonly to?: Instant };
  readonly limit: number;
  readonly signal: AbortSignal;
}

interface Source {
  readonly uplinks: AsyncIterable<Uplink> | Iterable<Uplink>;
  /** Asked afterwards: whether there were more than were read. */
  more(): boolean;
}

/** @throws Invalid (`devices-missing`) where there is nobody whose uplinks could be meant. */
const storedUplinks = ({ registry, journal, clock }: ApiParts, wanting: Wanted): Source => {
  const { sides, device, span, limit, signal } = wanting;
  if (device !== undefined && span.from === undefined && span.to === undefined)
    return newestUplinks(journal, namesOf(device), limit);
  const wanted = device === undefined ? devicesOf(sides, registry) : [device];
  if (wanted.length === 0)
    throw new Invalid('devices-missing', 'device: no device has one of these profiles; name one, or give payloads');
  const from = span.from ?? (device === undefined ? instant((span.to ?? clock.now()) - DAY_MS) : undefined);
  return walked(journal, wanted, { ...span, ...(from === undefined ? {} : { from }), limit, signal });
};

const devicesOf = ({ a, b }: Sides, registry: Registry): readonly Device[] =>
  registry.devices().filter(({ profile }) => profile === a.id || profile === b.id);

const newestUplinks = (journal: Journal, device: DeviceNames, limit: number): Source => {
  let more = false;
  return {
    uplinks: (async function* () {
      let before: number | undefined;
      for (let left = limit + 1; left > 0;) {
        const page = await newestOf(journal, device, {
          limit: Math.min(left, PAGE),
          ...(before === undefined ? {} : { before }),
        });
        before = page.at(-1)?.seq;
        if (before === undefined) return;
        more = left <= page.length;
        left -= page.length;
        for (const { uplink } of more ? page.slice(0, -1) : page) yield uplink;
      }
    })(),
    more: () => more,
  };
};

const walked = (
  journal: Journal,
  devices: readonly Device[],
  { limit, signal, ...span }: Wanted['span'] & Pick<Wanted, 'limit' | 'signal'>,
): Source => {
  const [only, ...others] = devices;
  const names = new Set(
    devices.flatMap(({ id, devEui }) => [`id ${id}`, ...(devEui === undefined ? [] : [`devEui ${devEui}`])]),
  );
  const narrowed =
    only !== undefined && others.length === 0 && only.devEui === undefined
      ? { device: { by: 'id', value: only.id } as const }
      : {};
  let more = false;
  return {
    uplinks: (async function* () {
      let [seen, found] = [0, 0];
      for await (const { uplink } of journal.read({ ...span, ...narrowed })) {
        seen += 1;
        const fits = names.has(`${uplink.device.by} ${uplink.device.value}`);
        more = seen > WALKED_AT_MOST || (fits && found === limit);
        if (more || signal.aborted) return;
        if (!fits) continue;
        found += 1;
        yield uplink;
      }
    })(),
    more: () => more,
  };
};
