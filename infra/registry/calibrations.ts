import { randomUUID } from 'node:crypto';
import { COEFFICIENTS_AT_MOST, opticalQuantities } from '../../device-profiles/calibration/correction.ts';
import { Conflict, Invalid, NotFound, quantityId, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { toDevice } from './audit.ts';
import { calibrationOf } from './calibration-row.ts';
import { checkedName } from './checks.ts';
import type { Calibration, NewCalibration, Registry } from './contract.ts';
import { deviceIn, keepDevice, type DeviceParts } from './device-table.ts';

/** How calibrations come and are withdrawn. */
export const calibrationChanges = ({
  write,
  record,
  clock,
}: DeviceParts): Pick<Registry, 'calibrate' | 'withdrawCalibration'> => ({
  calibrate: async (device, input) => {
    const checked = checkedCalibration(input);
    return write(async (trx, revision) => {
      const known = await deviceIn(trx, device);
      const { quantity } = checked;
      const { newest } = await trx
        .selectFrom('calibration')
        .select(({ fn }) => fn.max('version').as('newest'))
        .where('device', '=', device)
        .where('quantity', '=', quantity)
        .executeTakeFirstOrThrow();
      const calibration: Calibration = {
        ...checked,
        id: randomUUID(),
        device,
        version: newest + 1,
        createdAt: clock.now(),
      };
      await trx.insertInto('calibration').values(rowOf(calibration)).execute();
      await keepDevice(trx, known, revision);
      const { version, author, reason } = calibration;
      await record(trx, [toDevice('calibration-added', device, { quantity, version, author, reason })]);
      return calibration;
    });
  },
  withdrawCalibration: async (id) =>
    write(async (trx, revision) => {
      const row = await trx.selectFrom('calibration').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined)
        throw new NotFound('calibration-unknown', `there is no calibration ${JSON.stringify(id.slice(0, 80))}`);
      const calibration = calibrationOf(row);
      const { device, quantity, version } = calibration;
      if (calibration.withdrawnAt !== undefined)
        throw new Conflict(
          'calibration-withdrawn',
          `version ${version} of ${quantity} of ${device} is withdrawn already`,
        );
      const withdrawnAt = clock.now();
      await trx.updateTable('calibration').set({ withdrawn_at: withdrawnAt }).where('id', '=', id).execute();
      await keepDevice(trx, await deviceIn(trx, device), revision);
      await record(trx, [toDevice('calibration-withdrawn', device, { quantity, version })]);
      return { ...calibration, withdrawnAt };
    }),
});

type Checked = Omit<Calibration, 'id' | 'device' | 'version' | 'createdAt' | 'withdrawnAt'>;

const checkedCalibration = ({
  quantity: named,
  author,
  reason,
  correction,
  from,
  to,
  fit,
}: NewCalibration): Checked => {
  const quantity = quantityId(named);
  if (to !== undefined && to <= from) throw new Invalid('span-invalid', 'a calibration must end after it begins');
  return {
    quantity,
    from,
    ...(to === undefined ? {} : { to }),
    correction: checkedCorrection(quantity, correction),
    ...(fit === undefined ? {} : { fit }),
    author: checkedName('the author of a calibration', author),
    reason: checkedName('the reason of a calibration', reason),
  };
};

const checkedCorrection = (quantity: QuantityId, correction: Calibration['correction']): Calibration['correction'] => {
  const { coefficients, humidity } = correction;
  const wrong = (problem: string): Invalid => new Invalid('calibration-invalid', problem);
  if (coefficients.length < 1 || coefficients.length > COEFFICIENTS_AT_MOST || !coefficients.every(Number.isFinite))
    throw wrong(
      `a correction has 1 to ${COEFFICIENTS_AT_MOST} coefficients, all of them numbers: [offset, slope] is the usual case`,
    );
  if (coefficients.slice(1).every((coefficient) => coefficient === 0))
    throw wrong('a correction whose slope is 0 says the same whatever the sensor says');
  if (humidity === undefined) return { coefficients };
  if (!opticalQuantities.has(quantity))
    throw wrong(
      `the humidity correction is for ${[...opticalQuantities].join(', ')}: ${quantity} is not measured by light`,
    );
  if (!(humidity.kappa > 0 && humidity.kappa <= 1))
    throw wrong('kappa lies above 0 and is at most 1; 0.3 to 0.4 is in use');
  return { coefficients, humidity };
};

const rowOf = ({
  id,
  device,
  quantity,
  version,
  from,
  to,
  correction,
  fit,
  author,
  reason,
  createdAt,
  withdrawnAt,
}: Calibration) => ({
  id,
  device,
  quantity,
  version,
  from_at: from,
  to_at: to ?? null,
  correction: JSON.stringify(correction),
  fit: fit === undefined ? null : JSON.stringify(fit),
  author,
  reason,
  created_at: createdAt,
  withdrawn_at: withdrawnAt ?? null,
});

/** The one that holds at a time, of those of one datastream in order of version. */
export const holding = (
  calibrations: readonly Calibration[],
  quantity: QuantityId,
  at: number,
): Calibration | undefined =>
  calibrations.findLast(
    (one) =>
      one.quantity === quantity &&
      one.withdrawnAt === undefined &&
      one.from <= at &&
      (one.to === undefined || at < one.to),
  );
