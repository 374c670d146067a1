import type { DeviceId, Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { ReadingsFile, Span } from './file.ts';
import type { Row, RowText } from './row.ts';
import type { Tail } from './tail.ts';

/** All readings of a device as one: those that are settled in `readings`, and after them those that still lie in `recent`. */
export class History {
  readonly #file: ReadingsFile;
  readonly #tail: Tail;

  constructor(file: ReadingsFile, tail: Tail) {
    this.#file = file;
    this.#tail = tail;
  }

  /** Oldest first. Each call stands for itself: rows may settle between two. */
  oldest(span: Span, limit: number): readonly Row[] {
    const rows = this.#file.oldest(span, limit);
    for (const place of this.#tail.within(span).slice(0, limit - rows.length)) rows.push(this.#file.recentAt(place));
    return rows;
  }

  /** As `oldest`, without what a sum does not need. */
  texts(span: Span, limit: number): readonly RowText[] {
    const rows = this.#file.texts(span, limit);
    for (const place of this.#tail.within(span).slice(0, limit - rows.length)) rows.push(this.#file.recentAt(place));
    return rows;
  }

  /** Newest first. */
  newest(span: Span, limit: number): readonly Row[] {
    const rows = this.#tail
      .within(span)
      .slice(-limit)
      .map((place) => this.#file.recentAt(place))
      .toReversed();
    return rows.length < limit ? [...rows, ...this.#file.newest(span, limit - rows.length)] : rows;
  }

  /** The time of a device's newest reading. */
  newestTime(device: DeviceId): Instant | undefined {
    return this.#tail.newestTime(device) ?? this.#file.newestTime(device);
  }
}
