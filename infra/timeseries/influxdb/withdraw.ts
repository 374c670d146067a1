import { Point } from '@influxdata/influxdb-client';
import { instant, type DeviceId } from '../../../device-profiles/vocabulary/index.ts';
import type { Withdrawal } from '../contract.ts';
import type { InfluxClient } from './client.ts';
import { identifier, where } from './influxql.ts';
import { fieldsOf } from './lines.ts';
import { placeIn } from './points.ts';
import { wantedIn } from './reader.ts';

/** What a flag says of a value that was withdrawn: no flag of QARTOD, so that no reader takes it for a value. */
export const WITHDRAWN = 0;
/** Lines in one request. */
const LINES_AT_ONCE = 5_000;

/**
 * Lines that mark values as withdrawn, for every point of their time that has them: a point may be there once for each site
 * that was ever said of it. InfluxDB takes no field away, and points can only be deleted whole: that would leave nothing of the
 * other quantities if we were killed in between.
 */
export const withdrawnLines = async (
  client: InfluxClient,
  values: readonly Withdrawal[],
): Promise<readonly (readonly string[])[]> => {
  const lines: string[] = [];
  for (const [device, of] of Map.groupBy(values, (value) => value.device))
    lines.push(...(await linesFor(client, device, of)));
  return Array.from({ length: Math.ceil(lines.length / LINES_AT_ONCE) }, (_, n) =>
    lines.slice(n * LINES_AT_ONCE, (n + 1) * LINES_AT_ONCE),
  );
};

const linesFor = async (
  client: InfluxClient,
  device: DeviceId,
  values: readonly Withdrawal[],
): Promise<readonly string[]> => {
  const byTime = new Map<number, Set<string>>();
  for (const { time, quantities } of values) {
    const names = byTime.get(time) ?? new Set();
    byTime.set(time, names);
    for (const quantity of quantities) names.add(quantity);
  }
  const times = [...byTime.keys()];
  const span = { devices: [device], from: instant(Math.min(...times)), to: instant(Math.max(...times) + 1) };
  const wanted = wantedIn({ quantities: [...new Set(values.flatMap(({ quantities }) => quantities))] });
  const lines: string[] = [];
  for (const { family, quantities } of wanted) {
    const flags = quantities.map((quantity) => identifier(fieldsOf(quantity).flag)).join(', ');
    const [tables = []] = await client.query([
      `SELECT ${flags} FROM ${identifier(family)}${where(span)} GROUP BY "device", "site", "borough"`,
    ]);
    for (const { tags, rows } of tables) {
      const place = placeIn((tag) => tags.get(tag));
      if (place === undefined) continue;
      for (const row of rows) {
        const time = row.get('time');
        const gone =
          typeof time === 'number'
            ? quantities.filter(
                (quantity) =>
                  byTime.get(time)?.has(quantity) === true && Number(row.get(fieldsOf(quantity).flag)) > WITHDRAWN,
              )
            : [];
        if (gone.length === 0 || typeof time !== 'number') continue;
        const point = new Point(family)
          .tag('device', device)
          .timestamp(time)
          .tag('site', place.site ?? '')
          .tag('borough', place.borough ?? '');
        for (const quantity of gone) point.intField(fieldsOf(quantity).flag, WITHDRAWN);
        lines.push(point.toLineProtocol({ convertTime: String }) ?? '');
      }
    }
  }
  return lines;
};
