import {
  deviceId,
  Invalid,
  NotFound,
  parseIso,
  quantityId,
  quantityOf,
} from '../../device-profiles/vocabulary/index.ts';
import { storyOf } from '../explain/story.ts';
import { londonWords } from '../uk-time.ts';
import { deviceHref } from './models.ts';
import type { PageMaker } from './page.ts';

/** How one stored value came about. What devices sent is shown to those who signed in, and not to everybody. */
export const explainPage: PageMaker = async (
  { id, mayRead, quantity = '', time: text = '' },
  { registry, explaining },
) => {
  const device = registry.device({ by: 'id', value: deviceId(id) });
  if (device === undefined) throw new NotFound('device-unknown', `There is no sensor ${JSON.stringify(id)}`);
  const time = parseIso(text);
  if (time === undefined)
    throw new Invalid(
      'time-invalid',
      `time: ${JSON.stringify(text.slice(0, 40))} is not a time such as 2026-11-23T15:00:00Z`,
    );
  const asked = { device: device.id, quantity: quantityId(quantity), time };
  const explanation = await explaining({ ...asked, payload: mayRead });
  const { name } = quantityOf(asked.quantity);
  const words = (iso: string): string => londonWords(parseIso(iso) ?? time);
  return {
    template: 'explain',
    title: `${name} explained`,
    section: 'sensors',
    content: {
      heading: `${name}, explained`,
      up: [
        { text: 'Sensors', href: '/devices' },
        { text: device.name || device.id, href: deviceHref(device.id) },
      ],
      steps: storyOf(explanation, words).map((step, place) => ({
        ...step,
        key: `step-${place + 1}`,
        number: place + 1,
      })),
      command: `npx kerbside explain ${device.id} ${asked.quantity} ${explanation.stored.time}`,
    },
  };
};
