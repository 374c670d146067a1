import { emptyDay } from '../../infra/heard/day.ts';
import type { Fault } from './fault.ts';

/** Faults of a registry that keeps how devices are heard. */
export const heardFaults: readonly Fault[] = [
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
];
