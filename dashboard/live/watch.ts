import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import {
  borough,
  Invalid,
  quantityId,
  siteId,
  type Borough,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { LiveEvent } from '../../infra/live/contract.ts';
import type { Registry } from '../../infra/registry/contract.ts';

const names = (maxItems: number) => Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { maxItems })]));

/**
 * What a client sends with `watch`. All that is given must fit; the lists' sizes are bounded by the message's own 16
 * kB.
 */
export const Watch = Type.Object(
  {
    sites: names(1_000),
    borough: names(50),
    quantities: names(100),
    /** West, south, east, north in degrees. */
    bbox: Type.Optional(
      Type.Tuple([
        Type.Number({ minimum: -180, maximum: 180 }),
        Type.Number({ minimum: -90, maximum: 90 }),
        Type.Number({ minimum: -180, maximum: 180 }),
        Type.Number({ minimum: -90, maximum: 90 }),
      ]),
    ),
    /** The cursor of the last event that was seen. */
    since: Type.Optional(Type.String({ maxLength: 100 })),
    /**
     * `events`, or once a second at most which sites changed: that is all a page needs that then asks for its own
     * words.
     */
    as: Type.Optional(Type.Union([Type.Literal('events'), Type.Literal('changes')])),
  },
  { additionalProperties: false },
);
export type Watch = Static<typeof Watch>;

const compiled = Compile(Watch);

/** @throws Invalid (`request-invalid`) saying which field is wrong. */
export const watchFrom = (given: unknown): Watch => {
  const asked: unknown = given ?? {};
  if (compiled.Check(asked)) return asked;
  const [fault] = compiled.Errors(asked);
  throw new Invalid(
    'request-invalid',
    `watch${(fault?.instancePath ?? '').replaceAll('/', '.')} ${fault?.message ?? 'is not as expected'}`,
  );
};

/** Whether somebody wants to hear of a place, a quantity, an event. */
export interface Interest {
  /** The places that were asked for by name; undefined where none were. */
  readonly sites: ReadonlySet<SiteId> | undefined;
  readonly site: (site: SiteId | null) => boolean;
  readonly quantity: (quantity: QuantityId) => boolean;
  readonly event: (event: LiveEvent) => boolean;
}

const list = (given: string | string[] | undefined): readonly string[] | undefined =>
  typeof given === 'string' ? given.split(',') : given;

/**
 * What a watch is about.
 * @throws Invalid (`invalid-id`, `quantity-unknown`) for a name that nothing can have; a site that is registered later
 * is watched from then on.
 */
export const interestOf = (watch: Watch, registry: Registry): Interest => {
  const sites = setOf(list(watch.sites)?.map(siteId));
  const boroughs = setOf<Borough | undefined>(list(watch.borough)?.map(borough));
  const quantities = setOf<QuantityId>(list(watch.quantities)?.map(quantityId));
  const { bbox } = watch;
  const site = (id: SiteId | null): boolean => {
    if (sites === undefined && boroughs === undefined && bbox === undefined) return true;
    if (id === null || (sites !== undefined && !sites.has(id))) return false;
    if (boroughs === undefined && bbox === undefined) return true;
    const place = registry.site(id);
    return (boroughs === undefined || boroughs.has(place?.borough)) && (bbox === undefined || isWithin(bbox, place));
  };
  const quantity = (id: QuantityId): boolean => quantities === undefined || quantities.has(id);
  return {
    sites,
    site,
    quantity,
    event: (event) => {
      // No news: whoever asks again is given what is right now.
      if (event.kind === 'amended') return false;
      if (event.kind === 'device') return site(event.site);
      if (event.kind === 'answered') return site(event.site) && quantity(event.quantity);
      if (event.kind === 'alert') return site(event.alert.site) && quantity(event.alert.quantity);
      return (
        site(event.reading.site) &&
        (quantities === undefined || event.reading.observations.some((one) => quantity(one.quantity)))
      );
    },
  };
};

const setOf = <T>(values: readonly T[] | undefined): ReadonlySet<T> | undefined =>
  values === undefined ? undefined : new Set(values);

const isWithin = (
  [west, south, east, north]: NonNullable<Watch['bbox']>,
  place: { readonly latitude?: number; readonly longitude?: number } | undefined,
): boolean =>
  place?.latitude !== undefined &&
  place.longitude !== undefined &&
  place.latitude >= south &&
  place.latitude <= north &&
  place.longitude >= west &&
  place.longitude <= east;
