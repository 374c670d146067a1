import { iso, KerbsideError, quantityId } from '../../../device-profiles/vocabulary/index.ts';
import type { Device } from '../../../infra/registry/contract.ts';
import { heavyTables } from '../../limits.ts';
import { fitted } from '../../calibration/fitted.ts';
import { fitPlot } from '../../calibration/plot.ts';
import { again, fresh, refusedAt } from '../accounts/parts.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { unitWords } from '../words.ts';
import { addFromFit, quantityItems } from './calibration-form.ts';
import { momentHint, momentIn } from './moments.ts';
import { deviceIn, workHref, type EngineerParts } from './parts.ts';

interface Typed {
  readonly quantity: string;
  readonly reference: string;
  readonly from: string;
  readonly to: string;
}

const page = (parts: EngineerParts, device: Device, typed: Typed, found?: object): Page => ({
  template: 'engineers/fit',
  title: `Fit ${device.id} to a reference`,
  section: 'engineer',
  content: {
    id: device.id,
    href: workHref(device.id),
    back: `${workHref(device.id)}/calibrations`,
    action: `${workHref(device.id)}/calibrations/fit`,
    typed,
    momentHint,
    quantities: quantityItems(device, parts, typed.quantity),
    found,
  },
});

const missing = (typed: Typed) => {
  const words = {
    quantity: 'Choose a quantity',
    reference: 'Enter the id of the reference',
    from: 'Enter when the stretch begins',
    to: 'Enter when it ends',
  } as const;
  return (['quantity', 'reference', 'from', 'to'] as const).flatMap((field) =>
    typed[field] === '' ? [{ field, text: words[field] }] : [],
  );
};

/** Two decimals; what rounds to nothing has no sign. */
const hundredths = (value: number): string => (Math.abs(value) < 0.005 ? '0.00' : value.toFixed(2));

/** The field where a refusal belongs. */
const fieldOfCode: ReadonlyMap<string, string> = new Map([
  ['device-unknown', 'reference'],
  ['invalid-id', 'reference'],
  ['span-invalid', 'to'],
  ['time-invalid', 'from'],
]);

const fit = async (parts: EngineerParts, visit: Visit): Promise<Shown> => {
  const device = deviceIn(parts, visit);
  const asked = (name: keyof Typed): string => visit.query(name)?.trim().slice(0, 200) ?? '';
  const typed: Typed = {
    quantity: asked('quantity'),
    reference: asked('reference'),
    from: asked('from'),
    to: asked('to'),
  };
  if (visit.query('look') === undefined) return fresh(page(parts, device, typed));
  const errors = missing(typed);
  if (errors.length > 0) return again(page(parts, device, typed), errors);
  try {
    const quantity = quantityId(typed.quantity);
    const [from, to] = [momentIn(typed.from), momentIn(typed.to)];
    if (from === undefined || to === undefined) return again(page(parts, device, typed), missing(typed));
    const { fit: line, pairs } = await fitted(parts, {
      sensor: device.id,
      quantity,
      stretch: { reference: { device: typed.reference }, from: iso(from), to: iso(to) },
    });
    return fresh(
      page(parts, device, typed, {
        plot: fitPlot({
          sensor: device.id,
          reference: line.reference.device,
          quantity,
          from: line.from,
          to: line.to,
          fit: line,
          pairs,
        }),
        unit: unitWords(quantity),
        offset: line.offset.toPrecision(5),
        slope: line.slope.toPrecision(5),
        rows: [
          ['Hours side by side', String(line.before.pairs), String(line.after.pairs)],
          ['R² (1 is perfect)', line.before.r2.toFixed(3), line.after.r2.toFixed(3)],
          ['Mean difference', hundredths(line.before.bias), hundredths(line.after.bias)],
          ['Root mean square error', hundredths(line.before.rmse), hundredths(line.after.rmse)],
        ],
        use: addFromFit(device.id, { quantity, reference: typed.reference, from, to }),
      }),
    );
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    return again(page(parts, device, typed), [refusedAt(fieldOfCode.get(error.code) ?? 'quantity', error)]);
  }
};

/** What a stretch beside a reference says of a sensor. Nothing is changed by looking. */
export const fitPages = (desk: Desk, parts: EngineerParts): void => {
  desk.get('/engineer/devices/:id/calibrations/fit', 'manage', (visit) => fit(parts, visit), { limit: heavyTables });
};
