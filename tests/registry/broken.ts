import {
  Conflict,
  credentialId,
  deviceId,
  instant,
  profileId,
  siteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { SignedIn } from '../../infra/registry/contract.ts';
import { heardFaults } from './broken-heard.ts';
import { tableFaults } from './broken-tables.ts';
import type { Fault } from './fault.ts';

const someCredential = credentialId('00000000-0000-4000-8000-000000000001');

/** The faults that are seeded, and what must notice each. */
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
    name: 'tells nobody of changes',
    disguise: (sound) => ({ ...sound, onChange: () => () => {} }),
    fails: ['listeners are told of own changes and of those of others, until they stop listening'],
  },
  ...heardFaults,
  ...tableFaults,
];
