import {
  Conflict,
  credentialId,
  deviceId,
  instant,
  profileId,
  siteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { DeviceRow } from '../../infra/registry/bulk/contract.ts';
import { emptyDay } from '../../infra/heard/day.ts';
import type { Registry, SignedIn } from '../../infra/registry/contract.ts';
import { bulkKeyCases } from '../contracts/registry/bulk-keys.ts';

const someCredential = credentialId('00000000-0000-4000-8000-000000000001');

const withoutSite = ({ site, ...row }: DeviceRow): DeviceRow => (site === undefined ? row : { ...row });

/** A registry with one fault, and the cases that must notice it. */
export interface Fault {
  readonly name: string;
  readonly disguise: (registry: Registry) => Registry;
  readonly fails: readonly string[];
}

export const faults: readonly Fault[] = [
  {
    name: 'believes any token that is long enough',
    disguise: (sound) => ({
      ...sound,
      authenticateDevice: (id, token) => {
        const device = sound.devices().find((each) => each.id === id);
        return token.length < 30 || device === undefined ? undefined : { device, credential: someCredential };
      },
    }),
    fails: [
      'a device signs in with its own token and with nothing else',
      'a retired device does not sign in, and does again when it is commissioned anew',
    ],
  },
  {
    name: 'keeps one key of a device at a time',
    disguise: (sound) => ({
      ...sound,
      setLorawanKeys: async (id, keys) => {
        await sound.removeLorawanKeys(id).catch(() => {});
        return sound.setLorawanKeys(id, keys);
      },
    }),
    fails: [
      'what is known of the keys of a device says which there are and never what they are',
      'a session is there for a device in use that has a DevEUI, a DevAddr and both session keys',
      'a key that is taken away is gone, and so are all keys with their device',
    ],
  },
  {
    name: 'says what the keys of a device are',
    disguise: (sound) => ({
      ...sound,
      lorawanKeys: (id) => {
        const held = sound.lorawanKeys(id);
        return held === undefined
          ? undefined
          : { ...held, words: Buffer.from(sound.rootKeys(id)?.appKey ?? []).toString('hex') };
      },
    }),
    fails: ['what is known of the keys of a device says which there are and never what they are'],
  },
  {
    name: 'looks devices up in an object',
    disguise: (sound) => ({
      ...sound,
      device: (ref) => {
        const found: unknown = Reflect.get(
          Object.fromEntries(sound.devices().map((device) => [device.id, device])),
          ref.value,
        );
        return found === undefined
          ? undefined
          : (sound.devices()[0] ?? {
              id: deviceId('x'),
              profile: profileId('a/b'),
              name: 'x',
              status: 'commissioned',
              statusSince: instant(0),
              createdAt: instant(0),
            });
      },
    }),
    fails: ['names that a programming language knows are ids like any other'],
  },
  {
    name: 'adds many devices one by one',
    disguise: (sound) => ({
      ...sound,
      addDevices: async (list) => {
        const added = [];
        for (const device of list.slice(0, 5).concat(list.slice(-1))) added.push(await sound.addDevice(device));
        return added;
      },
    }),
    fails: [
      'many devices are added all or none',
      'a list that names a device or a DevEUI twice, or has a bad one, is refused whole',
    ],
  },
  {
    name: 'does not say who has the id',
    disguise: (sound) => ({
      ...sound,
      addDevice: async (fields) => {
        if (sound.devices().length > 0) throw new Conflict('device-exists', 'exists');
        return sound.addDevice(fields);
      },
    }),
    fails: [
      'an id that is taken is refused with the name of the device that has it',
      'a DevEUI that is taken is refused with the name of the device that has it',
    ],
  },
  {
    name: 'takes the end of a deployment as part of it',
    disguise: (sound) => ({
      ...sound,
      deployment: (device, at) =>
        sound
          .deployments()
          .find((one) => one.device === device && one.from <= at && (one.to === undefined || at <= one.to)),
    }),
    fails: ['a device that moves stands at the new site from then on, and before that stood at the old one'],
  },
  {
    name: 'forgets when a rule waits',
    disguise: (sound) => ({ ...sound, addRule: async (rule) => sound.addRule({ ...rule, forMs: 0 }) }),
    fails: ['a rule keeps where it looks, how long it waits and when it clears'],
  },
  {
    name: 'quarantines a repeated batch twice',
    disguise: (sound) => {
      let calls = 0;
      return {
        ...sound,
        quarantine: async (refusals) => {
          calls += 1;
          return sound.quarantine(
            refusals.map((one) => ({
              ...one,
              uplink: { ...one.uplink, receivedAt: instant(one.uplink.receivedAt + calls) },
            })),
          );
        },
      };
    },
    fails: ['a batch that is handled again adds nothing, and the same words at another time are another message'],
  },
  {
    name: 'takes the same words for the same message',
    disguise: (sound) => ({
      ...sound,
      quarantine: async (refusals) =>
        sound.quarantine(refusals.map((one) => ({ ...one, uplink: { ...one.uplink, receivedAt: instant(0) } }))),
    }),
    fails: [
      'a batch that is handled again adds nothing, and the same words at another time are another message',
      'an uplink in quarantine is kept whole, to the byte',
    ],
  },
  {
    name: 'begins each page of alerts anew',
    disguise: (sound) => ({
      ...sound,
      alerts: async ({ limit, state }) => sound.alerts({ limit, ...(state === undefined ? {} : { state }) }),
    }),
    fails: [
      'page by page every alert is given once, the newest first, even where many began together',
      'a cursor that no page gave and a page without size are refused',
    ],
  },
  {
    name: 'lets everybody be the first to acknowledge an alert',
    disguise: (sound) => {
      const as: typeof sound.as = (actor) => ({
        ...sound.as(actor),
        acknowledgeAlert: async (alert) => ({ id: 1, alert, kind: 'acknowledged', at: instant(0), by: actor }),
      });
      return { ...sound, as };
    },
    fails: [
      'an alert is acknowledged once: whoever is first counts, and the second is told who that was',
      'of many who acknowledge an alert at the same moment one is the first, in every process',
    ],
  },
  {
    name: 'asks alerts for nothing but their state',
    disguise: (sound) => ({
      ...sound,
      alerts: async ({ limit, state, before }) =>
        sound.alerts({ limit, ...(state === undefined ? {} : { state }), ...(before === undefined ? {} : { before }) }),
    }),
    fails: ['alerts are found by site, quantity, rule and time, and all that is asked must fit'],
  },
  {
    name: 'sees the changes of others only when told to look',
    disguise: (sound) => {
      const stale = sound.devices().length;
      return {
        ...sound,
        authenticateDevice: (id, token) =>
          sound.devices().length === stale ? undefined : sound.authenticateDevice(id, token),
      };
    },
    fails: ['a device that somebody else added a moment ago signs in at once'],
  },
  {
    name: 'never looks what others changed',
    disguise: (sound) => {
      const devices = sound.devices();
      return { ...sound, devices: () => devices };
    },
    fails: [
      'a refresh shows all that somebody else changed: added, moved, removed',
      'two who write at the same time lose nothing',
      'a restart keeps everything',
    ],
  },
  {
    name: 'keeps every token that it ever gave',
    disguise: (sound) => {
      const given = new Map<string, SignedIn>();
      return {
        ...sound,
        authenticateDevice: (id, token) => {
          const now = sound.authenticateDevice(id, token);
          if (now !== undefined) given.set(`${id} ${token}`, now);
          return given.get(`${id} ${token}`);
        },
      };
    },
    fails: [
      'a token that is rotated leaves the old one valid for a while: two at once, never three',
      'a credential that is taken back is good for nothing, at once and for everybody',
    ],
  },
  {
    name: 'replaces a device in two steps',
    disguise: (sound) => ({
      ...sound,
      replaceDevice: async (old, by, at) => {
        await sound.withdraw(old, at);
        return sound.replaceDevice(old, by, at);
      },
    }),
    fails: [
      'a broken device is replaced at its site by a new one, without a gap and in one step',
      'a replacement that cannot be changes nothing',
    ],
  },
  {
    name: 'lets a device stand at two sites at once',
    disguise: (sound) => ({
      ...sound,
      deploy: async (device, { site, from = instant(0), to }) => ({
        device,
        site: siteId(site),
        from,
        ...(to === undefined ? {} : { to }),
      }),
    }),
    fails: ['a deployment has a beginning and an end, and no two of one device overlap'],
  },
  {
    name: 'writes down its own name for whoever did it',
    disguise: (sound) => ({ ...sound, as: () => sound }),
    fails: ['each change leaves a line that says who did what, and what was refused leaves none'],
  },
  {
    name: 'counts what was heard each time it is told',
    disguise: (sound) => {
      let calls = 0;
      return {
        ...sound,
        keepHeard: async (part) => {
          calls += 1;
          await sound.keepHeard({
            ...part,
            devices: part.devices.map((one) => ({ ...one, seq: one.seq * 1_000 + calls })),
          });
        },
      };
    },
    fails: [
      'how a device is heard is kept whole, also over a restart',
      'days add up, and a part that is kept twice counts once',
      'a device that is not registered, or was removed, keeps nothing and stops nobody',
    ],
  },
  {
    name: 'keeps days of whoever it is told of',
    disguise: (sound) => ({
      ...sound,
      heardDays: async (query) => [
        ...(await sound.heardDays(query)),
        ...query.devices.filter((id) => id === 'nobody').map((id) => emptyDay(id, query.from)),
      ],
    }),
    fails: ['a device that is not registered, or was removed, keeps nothing and stops nobody'],
  },
  {
    name: 'never lets go of old days',
    disguise: (sound) => ({
      ...sound,
      keepHeard: ({ complete, ...part }) =>
        sound.keepHeard({ ...part, ...(complete === undefined ? {} : { complete: { ...complete, daysFrom: 0 } }) }),
    }),
    fails: ['the place in the journal, the times of listening and old days go with the last part'],
  },
  {
    name: 'holds on to the places of a journal that is gone',
    disguise: (sound) => ({ ...sound, heardAnew: async () => {} }),
    fails: ['when the journal begins anew, what was heard stays and is counted on from its first place'],
  },
  {
    name: 'tells nobody of changes',
    disguise: (sound) => ({ ...sound, onChange: () => () => {} }),
    fails: ['listeners are told of own changes and of those of others, until they stop listening'],
  },
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
