import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import type { DeviceRow } from '../../infra/registry/bulk/contract.ts';
import { bulkKeyCases } from '../contracts/registry/bulk-keys.ts';
import type { Fault } from './fault.ts';

const withoutSite = ({ site, ...row }: DeviceRow): DeviceRow => (site === undefined ? row : { ...row });

/** Faults of a registry that takes whole tables of devices. */
export const tableFaults: readonly Fault[] = [
  {
    name: 'takes the good rows of a table whether asked or not',
    disguise: (sound) => ({
      ...sound,
      putDevices: async (rows, options) => sound.putDevices(rows, { ...options, goodRowsOnly: true }),
    }),
    fails: ['one bad row keeps all others from being taken, unless the good ones are asked for'],
  },
  {
    name: 'does what a dry run would',
    disguise: (sound) => ({
      ...sound,
      putDevices: async (rows, options) => sound.putDevices(rows, { ...options, dryRun: false }),
    }),
    fails: ['a dry run says what would become of each row, and changes nothing'],
  },
  {
    name: 'keeps tokens when it is through',
    disguise: (sound) => ({
      ...sound,
      putDevices: async (rows, { keepTokens, ...options } = {}) => {
        const done = await sound.putDevices(rows, options);
        await keepTokens?.(done.tokens);
        return done;
      },
    }),
    fails: ['whoever keeps the tokens does so before anything is registered, and nothing is when he cannot'],
  },
  {
    name: 'takes each row of a table for itself',
    disguise: (sound) => ({
      ...sound,
      as: () => sound,
      putDevices: async (rows, options) => {
        const done = [];
        for (const row of rows) done.push(await sound.putDevices([row], options));
        const [first] = done;
        return first === undefined
          ? sound.putDevices(rows, options)
          : { ...first, rows: done.flatMap((each) => each.rows), tokens: done.flatMap((each) => each.tokens) };
      },
    }),
    fails: [
      'rows that contradict each other are said at the later one, which names the earlier',
      'each device and each site of a table leaves its line in the audit trail, in the name of whoever did it',
    ],
  },
  {
    name: 'leaves the keys of a table out',
    disguise: (sound) => ({
      ...sound,
      as: () => sound,
      putDevices: (rows, options) =>
        sound.putDevices(
          rows.map(({ keys: _keys, ...row }) => row),
          options,
        ),
    }),
    fails: bulkKeyCases.map(({ title }) => title),
  },
  {
    name: 'says what the keys of a table are',
    disguise: (sound) => ({
      ...sound,
      putDevices: async (list, options) => {
        const done = await sound.putDevices(list, options);
        const spoken = (line: number): string => JSON.stringify(list.find((row) => row.line === line)?.keys);
        return {
          ...done,
          rows: done.rows.map((row) => ({
            ...row,
            changes: row.changes.map((change) => ({
              ...change,
              ...(change.to === '***' ? { to: spoken(row.line) } : {}),
            })),
            faults: row.faults.map((fault) => ({ ...fault, detail: `${fault.detail} ${spoken(row.line)}` })),
          })),
        };
      },
    }),
    fails: [
      'a table that changes a key says which and not what it is, and keys of which it says nothing stay',
      'a key of a table that is none, or that everybody knows, keeps all rows from being taken, their keys too',
    ],
  },
  {
    name: 'says the first fault of a row',
    disguise: (sound) => ({
      ...sound,
      putDevices: async (rows, options) => {
        const done = await sound.putDevices(rows, options);
        return { ...done, rows: done.rows.map((row) => ({ ...row, faults: row.faults.slice(0, 1) })) };
      },
    }),
    fails: ['everything that is wrong with a row is said at once, and what was wrong before it came here too'],
  },
  {
    name: 'registers known devices anew',
    disguise: (sound) => ({
      ...sound,
      putDevices: async (rows, options) => {
        for (const { id } of rows)
          if (id !== undefined && sound.devices().some((device) => device.id === id))
            await sound.removeDevice(deviceId(id));
        return sound.putDevices(rows, options);
      },
    }),
    fails: [
      'the same table once more changes nothing at all, and a table with one name changed changes that name',
      'a device whose row names another site moves there, from the date of the row or from now, and a beginning is corrected',
      'rows that contradict what is there are bad: a DevEUI, a status, a retired device, a place that is taken',
    ],
  },
  {
    name: 'needs an id in each row',
    disguise: (sound) => ({
      ...sound,
      putDevices: async (rows, options) =>
        sound.putDevices(
          rows.map((row) => ({ id: `row-${row.line}`, ...row })),
          options,
        ),
    }),
    fails: ['a row without an id is the device with its DevEUI, or a new one that is named after it'],
  },
  {
    name: 'registers the devices of a table without their sites',
    disguise: (sound) => ({
      ...sound,
      putDevices: async (rows, options) =>
        sound.putDevices(
          rows.map((row) => ({ ...withoutSite(row), place: {} })),
          options,
        ),
    }),
    fails: [
      'a table of devices is registered with its sites in one step, and each device signs in with the token it was given',
    ],
  },
];
