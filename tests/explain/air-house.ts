import { instant, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { ExplanationOut } from '../../dashboard/explain/shape.ts';
import { House, NOON } from './house.ts';
import { expectRetold, type Tally } from './retold.ts';

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

/** So many minutes after noon of the day before. */
export const at = (minute: number): Instant => instant(NOON - DAY + minute * MINUTE);

/** A house with one sensor, air-1 in the market place, and the checks that were made of what is explained in it. */
export class AirHouse extends House {
  readonly tally: Tally = new Map();

  override async open(): Promise<this> {
    await super.open();
    await this.registry.addDevice({ id: 'air-1', profile: 'kerbside/canonical', site: 'market-place' });
    return this;
  }

  explainAt(quantity: QuantityId, minute: number, device = 'air-1'): Promise<ExplanationOut> {
    return this.explain({ device, quantity, time: at(minute) });
  }

  /** Works an explanation out again, and counts its checks. */
  expectRetold(explanation: ExplanationOut): void {
    expectRetold(explanation, this.tally);
  }

  /** Explains all that a device has stored, and works each out again. */
  async retellAll(device = 'air-1'): Promise<number> {
    const stored = await this.stored(device);
    for (const one of stored) this.expectRetold(await this.explain(one));
    return stored.length;
  }
}
