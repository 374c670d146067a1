import { iso, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { RowChange, RowField } from './contract.ts';
import type { Step } from './deployments.ts';
import type { Device } from '../contract.ts';

/** Each field of a device as one text, as a row has it. */
const texts: readonly (readonly [RowField, (device: Device) => string | undefined])[] = [
  ['name', ({ name }) => name],
  ['profile', ({ profile }) => profile],
  ['dev_eui', ({ devEui }) => devEui],
  ['join_eui', ({ joinEui }) => joinEui],
  ['serial', ({ serial }) => serial],
  ['status', ({ status }) => status],
  ['variables', ({ variables }) => (variables === undefined ? undefined : inOrder(variables))],
  ['speaks_for', ({ speaksFor }) => speaksFor?.join('|')],
];

/** The order in which variables are written down means nothing. */
const inOrder = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `${name}=${text}`)
    .join(';');

/** What changes of a known device and of where it stands. */
export const changesOfDevice = (before: Device, after: Device, step: Step | undefined): readonly RowChange[] => [
  ...texts.flatMap(([field, text]) => {
    const [from = null, to] = [text(before), text(after)];
    return to === undefined || from === to ? [] : [{ field, from, to }];
  }),
  ...(step === undefined ? [] : [changeOfStep(step)]),
];

const changeOfStep = (step: Step): RowChange => {
  switch (step.kind) {
    case 'begin':
      return { field: 'site', from: null, to: `${step.site} from ${spoken(step.at)}` };
    case 'move':
      return { field: 'site', from: step.from, to: `${step.site} from ${spoken(step.at)}` };
    case 'correct':
      return { field: 'deployed_from', from: spoken(step.was), to: spoken(step.at) };
    case 'end':
      return { field: 'site', from: step.site, to: 'nowhere' };
  }
};

const spoken = (at: Instant): string => (at <= 0 ? 'the beginning' : iso(at));
