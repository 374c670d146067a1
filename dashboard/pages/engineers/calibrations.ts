import {
  instant,
  Invalid,
  KerbsideError,
  NotFound,
  quantityId,
  quantityOf,
} from '../../../device-profiles/vocabulary/index.ts';
import type { Correction } from '../../../device-profiles/calibration/correction.ts';
import { runOver } from '../../../infra/reprocess/after-calibration.ts';
import type { Calibration, Device } from '../../../infra/registry/contract.ts';
import { fitted } from '../../calibration/fitted.ts';
import { londonWords } from '../../uk-time.ts';
import { again, changesOf, fresh, refusedAt, type FieldError } from '../accounts/parts.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import { when } from '../models.ts';
import type { Page } from '../page.ts';
import { unitWords } from '../words.ts';
import { numberIn } from './draft.ts';
import { calibrationsHref, quantityItems } from './calibration-form.ts';
import { fitPages } from './fit.ts';
import { momentHint, momentIn } from './moments.ts';
import { deviceIn, manages, ownerOf, workHref, type EngineerParts } from './parts.ts';
import { englishWords } from '../../words/index.ts';

/** `10 + 0.5 × what it says`, with what is done for humid air before. */
const correctionWords = ({ coefficients, humidity }: Correction): string => {
  const terms = coefficients.map((c, power) =>
    power === 0 ? String(c) : power === 1 ? `${c} × value` : `${c} × value^${power}`,
  );
  const polynomial = terms.join(' + ');
  return humidity === undefined ? polynomial : `${polynomial}, after the water is taken out (kappa ${humidity.kappa})`;
};

const listPage = (parts: EngineerParts, visit: Visit): Page => {
  const device = deviceIn(parts, visit);
  const { id } = device;
  const now = parts.clock.now();
  return {
    template: 'engineers/calibrations',
    title: `Calibrations of ${id}`,
    section: 'engineer',
    content: {
      id,
      href: workHref(id),
      add: `${calibrationsHref(id)}/add`,
      fit: `${calibrationsHref(id)}/fit`,
      manages: manages(visit),
      done: visit.query('done'),
      calibrations: parts.registry
        .calibrations(id)
        .toReversed()
        .map((one) => rowOf(one, now)),
    },
  };
};

const rowOf = (one: Calibration, now: Parameters<typeof when>[1]) => {
  const { device, quantity, version, from, to, correction, fit, author, reason, createdAt, withdrawnAt } = one;
  const path = `${encodeURIComponent(quantity)}/${version}`;
  const state =
    withdrawnAt !== undefined
      ? `Taken back ${when(withdrawnAt, now, englishWords).whole}`
      : from <= now && (to === undefined || to > now)
        ? 'Holds now'
        : to !== undefined && to <= now
          ? 'Held'
          : 'Will hold';
  return {
    key: `${quantity}-${version}`,
    name: quantityOf(quantity).name,
    version,
    from: londonWords(from),
    to: to === undefined ? undefined : londonWords(to),
    correction: correctionWords(correction),
    unit: unitWords(quantity),
    author,
    reason,
    created: when(createdAt, now, englishWords),
    state,
    holds: withdrawnAt === undefined,
    fit:
      fit === undefined
        ? undefined
        : {
            words:
              `Fitted to ${fit.before.pairs} hours beside ${fit.reference.device}: ` +
              `R² ${fit.after.r2.toFixed(3)}, root mean square error ${fit.before.rmse.toFixed(2)} before and ` +
              `${fit.after.rmse.toFixed(2)} after`,
            plot: `/api/v1/devices/${encodeURIComponent(device)}/calibrations/${path}/plot`,
          },
    withdraw: `${calibrationsHref(device)}/${path}/withdraw`,
  };
};

/** What was typed into the form of a new calibration. */
interface Typed {
  readonly quantity: string;
  readonly from: string;
  readonly to: string;
  readonly offset: string;
  readonly slope: string;
  readonly kappa: string;
  readonly author: string;
  readonly reason: string;
  readonly kept: string;
  /** A stretch beside a reference instead of numbers; empty where there is none. */
  readonly reference: string;
  readonly fitFrom: string;
  readonly fitTo: string;
}
const typedNames = [
  'quantity',
  'from',
  'to',
  'offset',
  'slope',
  'kappa',
  'author',
  'reason',
  'kept',
  'reference',
  'fitFrom',
  'fitTo',
] as const;

const typedIn = (read: (name: string) => string | undefined): Typed => {
  const [
    quantity = '',
    from = '',
    to = '',
    offset = '',
    slope = '',
    kappa = '',
    author = '',
    reason = '',
    kept = '',
    reference = '',
    fitFrom = '',
    fitTo = '',
  ] = typedNames.map((name) => read(name)?.trim().slice(0, 200));
  return { quantity, from, to, offset, slope, kappa, author, reason, kept, reference, fitFrom, fitTo };
};

const addPage = (parts: EngineerParts, device: Device, typed: Typed): Page => ({
  template: 'engineers/calibrate',
  title: `Add a calibration of ${device.id}`,
  section: 'engineer',
  content: {
    id: device.id,
    href: workHref(device.id),
    back: calibrationsHref(device.id),
    action: `${calibrationsHref(device.id)}/add`,
    typed,
    momentHint,
    fitted: typed.reference !== '',
    quantities: quantityItems(device, parts, typed.quantity),
    kept: [
      {
        value: 'look',
        text: 'Show me first what would change',
        hint: { text: 'A dry run. From then on you correct what is kept, or take the calibration back' },
        checked: typed.kept === 'look' || typed.kept === '',
      },
      { value: 'run', text: 'Correct it now', checked: typed.kept === 'run' },
      { value: 'leave', text: 'Leave it as it is', checked: typed.kept === 'leave' },
    ],
  },
});

/** The field where a refusal of the registry belongs. */
const fieldOfCode: ReadonlyMap<string, string> = new Map([
  ['span-invalid', 'to'],
  ['quantity-unknown', 'quantity'],
  ['name-invalid', 'author'],
  ['fit-impossible', 'quantity'],
  ['calibration-invalid', 'slope'],
]);

/** The numbers that were typed, or what is wrong with them. */
const correctionOf = ({ offset, slope, kappa }: Typed): Correction | readonly FieldError[] => {
  const numbers = { offset: numberIn(offset) ?? 0, slope: numberIn(slope) ?? 1, kappa: numberIn(kappa) };
  const errors = Object.entries(numbers).flatMap(([field, number]) =>
    Number.isNaN(number ?? 0) ? [{ field, text: 'Enter a number, such as 1.25' }] : [],
  );
  if (errors.length > 0) return errors;
  if (offset === '' && slope === '' && kappa === '')
    return [{ field: 'offset', text: 'Enter an offset, a slope, or both' }];
  return {
    coefficients: [numbers.offset, numbers.slope],
    ...(numbers.kappa === undefined ? {} : { humidity: { kappa: numbers.kappa, by: 'humidity' as const } }),
  };
};

const add = async (parts: EngineerParts, visit: Visit): Promise<Shown> => {
  const device = deviceIn(parts, visit);
  const typed = typedIn((name) => visit.field(name));
  const wrong = (errors: readonly FieldError[]): Shown => again(addPage(parts, device, typed), errors);
  if (typed.quantity === '') return wrong([{ field: 'quantity', text: 'Choose a quantity' }]);
  const missing = (['from', 'author', 'reason'] as const).filter((field) => typed[field] === '');
  if (missing.length > 0) return wrong(missing.map((field) => ({ field, text: missingWords[field] })));
  const times = timesOf(typed);
  if ('field' in times) return wrong([times]);
  const { from, to } = times;
  const asked = typed.reference === '' ? correctionOf(typed) : undefined;
  if (Array.isArray(asked)) return wrong(asked);
  try {
    const quantity = quantityId(typed.quantity);
    const stretch = { reference: { device: typed.reference }, from: typed.fitFrom, to: typed.fitTo };
    const fit =
      typed.reference === '' ? undefined : (await fitted(parts, { sensor: device.id, quantity, stretch })).fit;
    const correction = fit === undefined ? asked : { coefficients: [fit.offset, fit.slope] };
    if (correction === undefined || !('coefficients' in correction))
      throw new Invalid('calibration-invalid', 'Enter an offset, a slope, or both');
    const calibration = await changesOf(parts, visit).calibrate(device.id, {
      quantity,
      from,
      ...(to === undefined ? {} : { to }),
      correction,
      ...(fit === undefined ? {} : { fit }),
      author: typed.author,
      reason: typed.reason,
    });
    return { to: await runFor(parts, visit, { calibration, kept: typed.kept }) };
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    return wrong([refusedAt(fieldOfCode.get(error.code) ?? 'quantity', error)]);
  }
};

const missingWords = {
  from: 'Enter from when it holds',
  author: 'Enter who answers for it',
  reason: 'Enter why',
} as const;

const timesOf = (
  typed: Typed,
): { readonly from: ReturnType<typeof instant>; readonly to: ReturnType<typeof instant> | undefined } | FieldError => {
  let field = 'from';
  try {
    const from = momentIn(typed.from);
    field = 'to';
    const to = momentIn(typed.to);
    return from === undefined ? { field: 'from', text: missingWords.from } : { from, to };
  } catch (error) {
    return refusedAt(field, error);
  }
};

/** Where one goes after a change of calibrations: to the run that it set off, or to the list. */
const runFor = async (
  parts: EngineerParts,
  visit: Visit,
  { calibration, kept }: { readonly calibration: Calibration; readonly kept: string },
): Promise<string> => {
  const { device, quantity, version, from, to } = calibration;
  const changes = changesOf(parts, visit);
  const now = parts.clock.now();
  const list = `${calibrationsHref(device)}?done=${kept === 'leave' ? 'left' : 'changed'}`;
  if (kept === 'leave' || from >= now) return list;
  const job =
    kept === 'run'
      ? await runOver(calibration, { changes, now })
      : await changes.askReprocess({
          scope: { kind: 'device', id: device },
          from,
          to: instant(Math.min(to ?? Infinity, now)),
          dryRun: true,
          reason: `calibration ${version} of ${quantity}`,
        });
  parts.reprocessing.wake();
  return job === undefined ? list : `/engineer/reprocess/${job.id}`;
};

/** How a device is corrected: listed, added with a look at what changes, fitted beside a reference, taken back. */
export const calibrationPages = (desk: Desk, parts: EngineerParts): void => {
  desk.get('/engineer/devices/:id/calibrations', 'read', (visit) => fresh(listPage(parts, visit)));
  desk.get('/engineer/devices/:id/calibrations/add', 'manage', (visit) => {
    const typed = typedIn((name) => visit.query(name));
    return fresh(addPage(parts, deviceIn(parts, visit), { ...typed, author: typed.author || ownerOf(visit).name }));
  });
  desk.post('/engineer/devices/:id/calibrations/add', 'manage', (visit) => add(parts, visit));
  desk.post('/engineer/devices/:id/calibrations/:quantity/:version/withdraw', 'manage', async (visit) => {
    const { id } = deviceIn(parts, visit);
    const [quantity, version] = [visit.param('quantity'), visit.param('version')];
    const known = parts.registry
      .calibrations(id)
      .find((one) => one.quantity === quantity && String(one.version) === version);
    if (known === undefined) throw new NotFound('calibration-unknown', `${id} has no such calibration`);
    const calibration = await changesOf(parts, visit).withdrawCalibration(known.id);
    return { to: await runFor(parts, visit, { calibration, kept: 'run' }) };
  });
  fitPages(desk, parts);
};
