import { Parse } from 'typebox/value';
import { qualityFaults } from '../../device-profiles/quality/check.ts';
import { qualitySchema, type QualitySettings } from '../../device-profiles/quality/settings.ts';
import { deviceId, Invalid, NotFound, siteId } from '../../device-profiles/vocabulary/index.ts';
import type { Recorder } from './audit.ts';
import { oneOf, reading, text } from './columns.ts';
import type { QualityOf, QualitySubject, Registry } from './contract.ts';
import type { Trx } from './tables.ts';
import type { Write } from './write.ts';

/** How thresholds of quality tests are set for sites and devices. */
export const qualityChanges = ({
  write,
  record,
}: {
  readonly write: Write;
  readonly record: Recorder;
}): Pick<Registry, 'setQuality'> => ({
  setQuality: async (subject, settings) => {
    const faults = qualityFaults(settings);
    if (faults.length > 0)
      throw new Invalid(
        'quality-invalid',
        faults.map(({ path, problem }) => `${path.join('.')}: ${problem}`).join('; '),
      );
    await write(async (trx, revision) => {
      await isThere(trx, subject);
      const kept = JSON.stringify(settings);
      await trx
        .insertInto('quality')
        .values({ kind: subject.kind, subject: subject.id, settings: kept, revision })
        .onConflict((conflict) => conflict.columns(['kind', 'subject']).doUpdateSet({ settings: kept, revision }))
        .execute();
      const detail = {
        quantities: Object.keys(settings.quantities ?? {}).join(' '),
        settings: kept.slice(0, DETAIL_AT_MOST),
      };
      await record(trx, [{ action: 'quality-changed', subject, detail }]);
    });
    return { subject, settings };
  },
});

/** Of settings that long the trail has the beginning: enough for what people write. */
const DETAIL_AT_MOST = 1000;

const isThere = async (trx: Trx, { kind, id }: QualitySubject): Promise<void> => {
  const row = await trx.selectFrom(kind).select('id').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new NotFound(`${kind}-unknown`, `there is no ${kind} ${JSON.stringify(id)}`);
};

export const qualityOf = reading('quality', (row): QualityOf => {
  const kind = oneOf(['site', 'device'] as const, text(row, 'kind'));
  const subject: QualitySubject =
    kind === 'site' ? { kind, id: siteId(text(row, 'subject')) } : { kind, id: deviceId(text(row, 'subject')) };
  const settings: QualitySettings = Parse(qualitySchema, JSON.parse(text(row, 'settings')));
  return { subject, settings };
});

/** Whether it sets anything. */
export const setsSomething = ({ quantities, plausibility }: QualitySettings): boolean =>
  Object.keys(quantities ?? {}).length + Object.keys(plausibility ?? {}).length > 0;
