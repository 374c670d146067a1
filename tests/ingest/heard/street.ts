import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../../device-profiles/catalogue.ts';
import { deviceId, devEui, instant, uplinkId, type Uplink } from '../../../device-profiles/vocabulary/index.ts';
import { dayOf, type HeardDay } from '../../../infra/heard/contract.ts';
import type { Entry, Journal } from '../../../infra/journal/contract.ts';
import { openSqliteJournal } from '../../../infra/journal/sqlite.ts';
import { openLog } from '../../../infra/logging/index.ts';
import { openMetrics } from '../../../infra/metrics/index.ts';
import type { Registry } from '../../../infra/registry/contract.ts';
import { openRegistryIn } from '../../../infra/registry/open.ts';
import { openEar, type Ear } from '../../../ingest/heard/index.ts';
import { understand } from '../../../ingest/pipeline.ts';

export const log = openLog('silent');
export const NOON = instant(Date.UTC(2026, 5, 1, 12));
const DAY = dayOf(NOON);
export const clock = { now: () => NOON };

export let catalogue: OpenCatalogue;
beforeAll(async () => {
  catalogue = await openCatalogue([ownCatalogue]);
});
afterAll(() => catalogue.close());

/** A registry and a journal on disk, and ears that come and go. */
export class Street {
  readonly folder = mkdtempSync(join(tmpdir(), 'kerbside-heard-'));
  readonly metrics = openMetrics();
  readonly ears: Ear[] = [];
  registry!: Registry;
  journal!: Journal;
  /** The place up to which ears were told. */
  told = 0;
  #sent = 0;

  async open(): Promise<this> {
    this.registry = await openRegistryIn(this.folder, { clock, log, catalogue });
    this.openJournal('journal.db');
    await this.registry.addDevices([
      { id: 'aq-1', profile: 'kerbside/canonical' },
      { id: 'aq-2', profile: 'kerbside/canonical' },
      { id: 'lora-1', profile: 'decentlab/dl-pm', devEui: '24e124136b502217' },
    ]);
    return this;
  }

  openJournal(name: string): void {
    this.journal = openSqliteJournal({
      file: join(this.folder, name),
      retentionMs: 1e12,
      maxBytes: 1e9,
      minFreeBytes: 0,
      groupMs: 0,
      clock,
      log,
    });
  }

  async close(): Promise<void> {
    for (const ear of this.ears) await ear.close();
    await this.journal.close();
    await this.registry.close();
    rmSync(this.folder, { recursive: true });
  }

  /** An ear as a start of the server opens it. The registry dies under it after `writes` writes. */
  async listen(writes = Infinity): Promise<Ear> {
    let left = writes;
    const registry: Registry = {
      ...this.registry,
      keepHeard: async (part) => {
        left -= 1;
        if (left < 0) throw new Error('the process is dead');
        await this.registry.keepHeard(part);
      },
    };
    const { journal, metrics } = this;
    const ear = await openEar({
      journal,
      registry,
      catalogue,
      metrics,
      clock,
      log,
      understand: understand({ registry, catalogue, window: { futureMs: 600_000 } }),
    });
    this.ears.push(ear);
    return ear;
  }

  async send(device: string, payload: string, change: Partial<Uplink> = {}): Promise<void> {
    this.#sent += 1;
    await this.journal.append([
      {
        id: uplinkId(String(this.#sent).padStart(22, 'u')),
        redelivered: false,
        connector: 'mqtt',
        device: { by: 'id', value: deviceId(device) },
        receivedAt: instant(NOON + this.#sent),
        payload: new TextEncoder().encode(payload),
        ...change,
      },
    ]);
  }

  /** The pipeline's part: hands the ear what came since. */
  async tell(ear: Ear, from = this.told): Promise<void> {
    const batch: Entry[] = [];
    for await (const entry of this.journal.read({ after: from })) batch.push(entry);
    const { registry } = this;
    ear.note(batch, await understand({ registry, catalogue, window: { futureMs: 600_000 } })(batch));
    this.told = batch.at(-1)?.seq ?? this.told;
  }

  async day(ear: Ear, device: string, day = DAY): Promise<HeardDay | undefined> {
    return (await ear.reader.days([deviceId(device)], day)).find((one) => one.day === day);
  }
}

/** A frame of `lora-1`, heard by two gateways. */
export const lora = (fCnt: number, change: Partial<Uplink> = {}): Partial<Uplink> => ({
  device: { by: 'devEui', value: devEui('24e124136b502217') },
  lorawan: {
    fPort: 1,
    fCnt,
    session: 'join-1',
    receptions: [
      { gateway: 'roof', rssi: -110, snr: -2 },
      { gateway: 'tower', rssi: -97, snr: 6 },
    ],
  },
  ...change,
});
