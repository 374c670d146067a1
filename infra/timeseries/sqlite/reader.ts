import {
  instant,
  siteId,
  type DeviceId,
  type Instant,
  type JudgedReading,
  type QuantityId,
} from '../../../device-profiles/vocabulary/index.ts';
import type { Sample } from '../hours.ts';
import { pace } from '../pace.ts';
import type { Selector } from '../selection.ts';
import type { History } from './history.ts';
import { plainIn, type RowReader } from './row.ts';

/** Rows read in one go: about 3 ms of work, between which others get their turn. */
export const READ_ROWS = 1_000;

export interface ReaderSpan {
  readonly from: Instant;
  readonly to: Instant;
  /** So many rows in one go. */
  readonly rows?: number;
}

/** Above so many quantities it is cheaper to read a whole row. */
const PLAIN_AT_MOST = 3;

/** What is selected, and its quantities, if it names any. */
interface Wanted {
  readonly selector: Selector;
  readonly quantities: readonly QuantityId[] | undefined;
}

/** How the quantities that are asked for stand in the text of a row. */
interface Keys {
  readonly selector: Selector;
  readonly keys: readonly (readonly [QuantityId, string])[];
}

/** A measured value that is selected. */
type Tell = (quantity: QuantityId, sample: Sample) => void;

/** Reads what devices said, some readings at a time, so that others get their turn. */
export class Reader {
  readonly #history: History;
  readonly #decode: RowReader;
  readonly #breathe = pace();

  constructor(history: History, decode: RowReader) {
    this.#history = history;
    this.#decode = decode;
  }

  /** Lets others run, when it is time. */
  breathe(): Promise<void> {
    return this.#breathe();
  }

  /** One device's readings at the selected sites, with the selected quantities, oldest first. */
  async *readings(
    device: DeviceId,
    { from, to, rows: limit = READ_ROWS }: ReaderSpan,
    selector: Selector,
  ): AsyncGenerator<readonly JudgedReading[]> {
    for (let next = from; ;) {
      const rows = this.#history.oldest({ device, from: next, to }, limit);
      const readings = rows.map((row) => this.#decode(device, row, selector.quantity));
      yield readings.filter(({ site }) => selector.site(site));
      await this.#breathe();
      const last = readings.at(-1);
      if (last === undefined || rows.length < limit) return;
      next = instant(last.time + 1);
    }
  }

  /** Tells of one device's measured values that are selected, oldest first. */
  async values(device: DeviceId, span: ReaderSpan, { selector, quantities }: Wanted, tell: Tell): Promise<void> {
    if (quantities !== undefined && quantities.length <= PLAIN_AT_MOST)
      return this.#plain(
        device,
        span,
        { selector, keys: quantities.map((quantity) => [quantity, `"${quantity}":`]) },
        tell,
      );
    for await (const readings of this.readings(device, span, selector))
      for (const reading of readings) tellOf(reading, selector, tell);
  }

  /** Most values are plain numbers, and found in the text of their row; a row with anything else is read as a whole. */
  async #plain(
    device: DeviceId,
    { from, to, rows: limit = READ_ROWS }: ReaderSpan,
    { selector, keys }: Keys,
    tell: Tell,
  ): Promise<void> {
    let site: string | null | undefined;
    let here = false;
    for (let next = from; ;) {
      const rows = this.#history.texts({ device, from: next, to }, limit);
      for (const row of rows) {
        // A device seldom moves: its site is looked at when it does.
        if (row.site !== site) [site, here] = [row.site, selector.site(row.site === null ? null : siteId(row.site))];
        if (!here) continue;
        for (const [quantity, key] of keys) {
          const value = plainIn(row.observations, key);
          if (value === undefined) continue;
          if (!Number.isNaN(value)) tell(quantity, { time: row.time, value });
          else
            tellOf(
              this.#decode(device, { ...row, received: row.time, borough: null }, (other) => other === quantity),
              selector,
              tell,
            );
        }
      }
      await this.#breathe();
      const last = rows.at(-1);
      if (last === undefined || rows.length < limit) return;
      next = instant(last.time + 1);
    }
  }
}

const tellOf = ({ time, observations }: JudgedReading, selector: Selector, tell: Tell): void => {
  for (const judged of observations)
    if (judged.value.kind === 'measured' && selector.judged(judged))
      tell(judged.quantity, { time, value: judged.value.value });
};
