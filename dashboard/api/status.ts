import { Type } from 'typebox';
import { iso } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { sentenceOf } from '../now/sentence.ts';
import { time } from '../wire.ts';
import { closed, problems } from './answers.ts';
import type { ApiParts } from './parts.ts';
import { SEEN } from './seen.ts';
import { englishWords } from '../words/index.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description });

const StatusOut = closed(
  {
    at: time('When it was so'),
    sentence: Type.String({ description: 'As the first page says it' }),
    sensors: count('Sensors in the street: the six counts below add up to it. Gateways that measure nothing are none'),
    reporting: count('Heard within three of their intervals, at least ten minutes'),
    late: count('Not heard for longer than that'),
    silent: count('Not heard for six hours, or twice the time above where that is longer'),
    neverHeard: count('Registered and not heard yet'),
    listening: count('Not heard for longer than that, but the server was down or has not listened for so long itself'),
    maintenance: count("Somebody is at them; whether they are heard is nobody's concern"),
    alerts: count('Firing'),
    pendingAlerts: count('Beyond a threshold, not yet for long enough to fire'),
    sites: count('Registered sites'),
    quarantined: count('Uplinks that could not become observations'),
    backlog: count('Uplinks that are safe on disk and wait to be handled'),
    complete: Type.Boolean({
      description:
        'False while the store of measurements has not answered since the start: sensors may then look unheard',
    }),
  },
  { description: 'How everything is' },
);

/** How everything is, in figures: the same as on the first page. */
export const statusRoutes = (api: Http, { journal, seenBy, may }: ApiParts): void => {
  api.get(
    '/status',
    {
      ...may.see,
      schema: {
        tags: ['status'],
        operationId: 'getStatus',
        summary: 'How everything is',
        description: SEEN,
        response: { 200: StatusOut, ...problems() },
      },
    },
    async (request, reply) => {
      const { registry, overview: look } = seenBy(request);
      const overview = look();
      const { at, sensors, counts, alerts, firing, complete } = overview;
      return reply.send({
        at: iso(at),
        sentence: sentenceOf(overview, englishWords),
        sensors: sensors.length,
        reporting: counts.ok,
        late: counts.late,
        silent: counts.silent,
        neverHeard: counts['never-heard'],
        listening: counts.listening,
        maintenance: counts.maintenance,
        alerts: firing,
        pendingAlerts: alerts.length - firing,
        sites: registry.sites().length,
        quarantined: await registry.quarantineCount(),
        backlog: journal.stats().backlog,
        complete,
      });
    },
  );
};
