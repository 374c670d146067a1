import { Type } from 'typebox';
import { Flag, Invalid, iso, instant, NotFound, parseIso, type Clock } from '../../device-profiles/vocabulary/index.ts';
import { beginOfDay, type PeriodLength, type Span } from '../../infra/footfall/civil-time.ts';
import type { CountParts, Place } from '../../infra/footfall/footfall.ts';
import { quantitiesOf, subjects, type Subject } from '../../infra/footfall/subject.ts';
import { oneOf } from '../wire.ts';
import type { ApiParts } from './parts.ts';
import { selectionOf, spanOf } from './selection.ts';

/** A year of hours, with some to spare. */
const PERIODS_AT_MOST = 10_000;
const HOURS = { hour: 1, day: 24, week: 168, month: 672 } as const;

/** What each question for counts says: whose, when, and of what worth. */
export const askedQuery = {
  site: Type.Optional(
    Type.String({ maxLength: 64, description: 'All that was counted there. Either this or `device`' }),
  ),
  device: Type.Optional(Type.String({ maxLength: 64, description: 'What this device counted, wherever it was' })),
  from: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'Beginning: a day of UK time such as 2026-11-23, or a time, UTC without a zone',
    }),
  ),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'End, exclusive, said as `from`; now unless given' })),
  of: Type.Optional(oneOf(subjects, { description: 'What is counted; `footfall` unless given' })),
  maxFlag: Type.Optional(
    Type.Integer({
      enum: [1, 2, 3],
      description: 'The worst flag that takes part; 2 unless given. 3: suspect values too',
    }),
  ),
};

interface Given {
  readonly site?: string;
  readonly device?: string;
  readonly from?: string;
  readonly to?: string;
  readonly of?: (typeof subjects)[number];
  readonly maxFlag?: number;
}

/**
 * Whose counts, and when.
 * @throws Invalid (`place-unclear`, `time-missing`, `time-invalid`, `span-invalid`, `too-many-intervals`), NotFound.
 */
export const askedOf = (
  given: Given,
  length: PeriodLength,
  { registry, clock }: Pick<ApiParts, 'registry' | 'clock'>,
) => {
  const { site, device, of = 'footfall' } = given;
  if ((site === undefined) === (device === undefined))
    throw new Invalid(
      'place-unclear',
      'site, device: give one of them, because counts of several places are no count of one',
    );
  const {
    sites,
    devices,
    maxFlag = Flag.notEvaluated,
  } = selectionOf(
    {
      maxFlag: given.maxFlag ?? Flag.notEvaluated,
      ...(site === undefined ? {} : { site: [site] }),
      ...(device === undefined ? {} : { device: [device] }),
    },
    registry,
  );
  const [theSite, theDevice] = [sites?.[0], devices?.[0]];
  if ((sites?.length ?? 0) + (devices?.length ?? 0) > 1)
    throw new Invalid('place-unclear', 'site, device: give one only');
  const place: Place | undefined =
    theSite !== undefined ? { site: theSite } : theDevice !== undefined ? { device: theDevice } : undefined;
  if (place === undefined) throw new Invalid('place-unclear', 'site, device: give one of them');
  const span = daysAsSpan(given, clock);
  const periods = (span.to - span.from) / 3_600_000 / HOURS[length];
  if (periods > PERIODS_AT_MOST)
    throw new Invalid(
      'too-many-intervals',
      `every: ${Math.ceil(periods)} periods lie between from and to; at most ${PERIODS_AT_MOST} are answered`,
    );
  return { ...span, place, subject: of, length, maxFlag };
};

/**
 * A device that cannot count and never did: an answer without numbers would look like a street without people.
 * @throws NotFound (`counts-nothing`).
 */
export const assertCounts = async (
  { place, subject }: { readonly place: Place; readonly subject: Subject },
  { registry, catalogue, timeseries }: Pick<CountParts, 'registry' | 'catalogue' | 'timeseries'>,
): Promise<void> => {
  if (!('device' in place)) return;
  const device = registry.device({ by: 'id', value: place.device });
  const profile = device === undefined ? undefined : catalogue.get(device.profile);
  const quantities = quantitiesOf(subject);
  const counted: ReadonlySet<string> = new Set(quantities);
  if (profile === undefined || [...profile.fields.values()].some(({ quantity }) => counted.has(quantity))) return;
  const { observations } = await timeseries.range({ devices: [place.device], quantities, limit: 1 });
  if (observations.length === 0)
    throw new NotFound(
      'counts-nothing',
      `device: ${place.device} counts no ${subject === 'footfall' ? 'people' : subject}: ` +
        `its profile ${profile.id} has none of ${quantities.join(', ')}`,
    );
};

/** A bare day is one of UK time; all else is read as everywhere. */
const daysAsSpan = ({ from, to }: Given, clock: Clock): Span => {
  if (from === undefined) throw new Invalid('time-missing', 'from: counts by period need a beginning');
  const span = spanOf({
    from: midnight(from),
    ...(to === undefined ? { to: iso(clock.now()) } : { to: midnight(to) }),
  });
  if (span.from === undefined || span.to === undefined)
    throw new Invalid('time-missing', 'from: counts by period need a beginning');
  return { from: span.from, to: span.to };
};
const midnight = (text: string): string => {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? parseIso(text) : undefined;
  return day === undefined ? text : iso(beginOfDay(Math.floor(instant(day) / 86_400_000)));
};
