import { instant, type DeviceId, type Instant, type JudgedReading } from '../../../device-profiles/vocabulary/index.ts';
import { pace } from '../pace.ts';
import type { Selector } from '../selection.ts';
import type { History } from './history.ts';
import type { RowReader } from './row.ts';

/** Rows read in one go: about 3 ms of work, between which others get their turn. */
export const READ_ROWS = 1_000;

export interface ReaderSpan {
  readonly from: Instant;
  readonly to: Instant;
  /** So many rows in one go. */
  readonly rows?: number;
}

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
  async *readings(device: DeviceId, { from, to, rows: limit = READ_ROWS }: ReaderSpan, selector: Selector): AsyncGenerator<readonly JudgedReading[]> {
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
}
