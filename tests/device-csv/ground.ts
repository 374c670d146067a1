import { instant } from '../../device-profiles/vocabulary/index.ts';
import { badRowsCsv } from '../../infra/device-csv/bad-rows.ts';
import { importDevices, profileByOtherName, type Import, type ImportOptions } from '../../infra/device-csv/import.ts';
import type { Bytes } from '../../infra/device-csv/text.ts';
import type { RowResult } from '../../infra/registry/bulk/contract.ts';
import { planRows } from '../../infra/registry/bulk/plan.ts';
import type { Known } from '../../infra/registry/bulk/row.ts';
import type { Changes } from '../../infra/registry/contract.ts';

/** The United Kingdom, as the settings have it. */
const area = { south: 49.8, west: -8.7, north: 60.9, east: 1.8 };
/** A Thursday in winter. */
export const today = instant(Date.UTC(2026, 10, 26, 12));

export const profileOf = profileByOtherName([{ id: 'known/counter', alsoKnownAs: ['milesight-iot/vs133'] }]);

/** Plans against what is there, and takes nothing. */
export const planning = (known: Partial<Known> = {}): Pick<Changes, 'putDevices'> => ({
  putDevices: async (rows) => {
    const plan = planRows(
      rows,
      { device: () => undefined, deployments: () => [], site: () => undefined, lorawanKeys: () => undefined, ...known },
      {
        profiles: { known: (id) => id.startsWith('known/'), all: () => ['known/air', 'known/counter'] },
        clock: { now: () => today },
        area,
      },
    );
    return { applied: false, totals: plan.totals, rows: plan.rows, tokens: [] };
  },
});

/** Imports a text or bytes into that, an empty registry unless another is given. */
export const imported = (
  file: string | Uint8Array | Bytes,
  changes: Pick<Changes, 'putDevices'> = planning(),
  options: Partial<ImportOptions> = {},
): Promise<Import> => importDevices(bytesOf(file), changes, { profileOf, ...options });

const bytesOf = (file: string | Uint8Array | Bytes): Bytes =>
  typeof file === 'string' ? [Buffer.from(file)] : file instanceof Uint8Array ? [file] : file;

/** `line column reason: detail` of each fault. */
export const told = ({ rows, file }: Pick<Import, 'rows' | 'file'>): readonly string[] =>
  rows.flatMap(({ line, faults }: RowResult) =>
    faults.map(({ field, reason, detail }) => `${line} ${file.header.nameOf(field) ?? 'row'} ${reason}: ${detail}`),
  );

/** The file of the bad rows. */
export const badRows = ({ rows, file }: Import): string => badRowsCsv(rows, file);
