import { Invalid, iso, quantityId, quantityOf, deviceId } from '../../device-profiles/vocabulary/index.ts';
import { localIso } from '../../infra/footfall/civil-time.ts';
import { subjects } from '../../infra/footfall/subject.ts';
import { csv, sixDigits, type Cell } from '../api/csv.ts';
import { englishWords } from '../words/index.ts';
import { countedBy, countRows } from './counts.ts';
import { columnsOf, historyOf, type History } from './history.ts';
import type { Asked, PageParts } from './page.ts';
import { SENSORS_DRAWN } from './place.ts';
import { rangeOf, type Range } from './range.ts';
import { deviceOf, devicesAt, historyAt, siteOf } from './whose.ts';

/** A table of a page as a file: RFC 4180. */
export interface TableFile {
  /** `wrs-14-no2-7d.csv` */
  readonly name: string;
  readonly text: string;
}

/** Makes a file. @throws NotFound where what it is about is not there, Invalid where it is asked for what cannot be. */
export type TableMaker = (asked: Asked, parts: PageParts) => Promise<TableFile>;

const columns = [
  'time',
  'localTime',
  'device',
  'quantity',
  'unit',
  'minutes',
  'what',
  'value',
  'lowest',
  'highest',
  'values',
  'suspect',
] as const;

/** What the charts of a site show, by interval. */
export const siteValues: TableMaker = async (asked, parts) => {
  const site = siteOf(asked.id, parts);
  const all = devicesAt(site, parts)
    .map(({ id }) => id)
    .slice(0, SENSORS_DRAWN);
  const one = asked.device === undefined ? undefined : deviceId(asked.device);
  return valuesFile(asked, parts, historyAt(one === undefined ? all : all.filter((id) => id === one), site, parts));
};

/** What the charts of a sensor show, by interval. */
export const deviceValues: TableMaker = (asked, parts) =>
  valuesFile(asked, parts, historyAt([deviceOf(asked.id, parts).id], undefined, parts));

const valuesFile = async (asked: Asked, parts: PageParts, of: ReturnType<typeof historyAt>): Promise<TableFile> => {
  const range = rangeOf(asked, { now: parts.clock.now(), kept: parts.config.timeseries }, englishWords);
  if (range.problem !== undefined) throw new Invalid('span-invalid', range.problem);
  const quantities = asked.quantity === undefined ? undefined : [quantityId(asked.quantity)];
  const histories = await historyOf(parts, { ...of, ...(quantities === undefined ? {} : { quantities }) }, range);
  return {
    name: `${[asked.id, asked.quantity, range.id].filter((part) => part !== undefined).join('-')}.csv`,
    text: csv(
      columns,
      histories.flatMap((history) => rowsOf(history, range)),
    ),
  };
};

const rowsOf = ({ device, quantity, points }: History, { everyMs }: Range): readonly Cell[][] => {
  const shown = columnsOf(quantity);
  const [first] = shown;
  const place = (aggregate: 'min' | 'max'): number => shown.findIndex((column) => column.aggregate === aggregate);
  const [least, most] = [place('min'), place('max')];
  return points.map(({ time, value, cells, count, flag }) => [
    iso(time),
    localIso(time),
    device,
    quantity,
    quantityOf(quantity).unit,
    everyMs / 60_000,
    first.aggregate,
    first.aggregate === 'mean' ? sixDigits(value) : value,
    cells[least] ?? null,
    cells[most] ?? null,
    count,
    flag === 3 ? 'yes' : 'no',
  ]);
};

const countColumns = [
  'from',
  'to',
  'localFrom',
  'localTo',
  'in',
  'out',
  'total',
  'completeness',
  'suspect',
  'doubts',
] as const;

/** Counts of a site by the hour of the last day, or by the day of the last week. */
export const siteCounts: TableMaker = async (asked, parts) => {
  const subject = subjects.find((one) => one === (asked.of ?? 'footfall'));
  const by = countedBy.find((one) => one === (asked.by ?? 'hour'));
  if (subject === undefined || by === undefined)
    throw new Invalid(
      'table-unknown',
      `of must be one of ${subjects.join(', ')}, and by one of ${countedBy.join(', ')}`,
    );
  const rows = await countRows(siteOf(asked.id, parts), { subject, by }, parts);
  return {
    name: `${asked.id}-${subject}-${by}.csv`,
    text: csv(
      countColumns,
      rows.map((row) => [
        iso(row.from),
        iso(row.to),
        localIso(row.from),
        localIso(row.to),
        row.in,
        row.out,
        row.total,
        Math.round(row.completeness * 10_000) / 10_000,
        row.suspect,
        row.doubts.join(' '),
      ]),
    ),
  };
};
