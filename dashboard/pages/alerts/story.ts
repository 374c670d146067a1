import { alertId, Flag, instant, iso, NotFound, quantityOf, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Alert, AlertDeed, Rule } from '../../../infra/registry/contract.ts';
import { asksTheSame } from '../../../infra/registry/rule-condition.ts';
import { csv } from '../../api/csv.ts';
import { alertTopic } from '../../feeds/topics.ts';
import { alertView, deviceHref, explainHref, when, type When } from '../models.ts';
import type { Asked, Page, PageMaker, PageParts } from '../page.ts';
import type { TableMaker } from '../tables.ts';
import { spanWords } from '../words.ts';
import { alertChart, spanOf } from './chart.ts';
import { askedWords, clearWords, endingWords, measuredWords, personWords, ruleSentence, setWords, waitWords, whereOf } from './words.ts';

/** The alert of that id, where whoever asks may see it. @throws NotFound (`alert-unknown`), InvalidId. */
const alertOf = async (id: string, { registry }: Pick<PageParts, 'registry'>): Promise<Alert> => {
  const alert = await registry.alert(alertId(id));
  if (alert === undefined) throw new NotFound('alert-unknown', `There is no alert ${JSON.stringify(id.slice(0, 80))} here`);
  return alert;
};

/** What one may do with an alert, and what was typed about it. */
export interface Reading {
  readonly mayRead: boolean;
  readonly mayOperate: boolean;
  readonly mayManage: boolean;
  readonly done: string | undefined;
  readonly note?: string;
}

/** The story of one alert. */
export const alertPage: PageMaker = (asked, parts) => storyPage(asked.id, asked, parts);

/** @throws NotFound (`alert-unknown`), InvalidId. */
export const storyPage = async (id: string, { mayRead, mayOperate, mayManage, done, note = '' }: Reading, parts: PageParts): Promise<Page> => {
  const { registry, latest, clock } = parts;
  const alert = await alertOf(id, parts);
  const at = clock.now();
  // Who did what, and what was written, is for those who work here.
  const deeds = mayRead ? await registry.alertDeeds(alert.id) : [];
  const shown = alertView(alert, at, { registry, latest });
  const rule = mayRead ? registry.rules().find((one) => one.id === alert.rule) : undefined;
  return {
    template: 'alerts/story',
    title: alert.ruleName,
    section: 'alerts',
    live: alert.site === null ? {} : { sites: [alert.site] },
    forms: true,
    charts: true,
    content: {
      heading: alert.ruleName,
      errors: [],
      wrong: {},
      id: alert.id,
      alert: shown,
      said: done === 'acknowledged' || done === 'noted' ? done : undefined,
      sentence: sentenceOf(alert, at),
      newest: newestOf(alert, parts),
      lasted: spanWords(Math.max(1_000, (alert.resolvedAt ?? at) - alert.startedAt)),
      worst: measuredWords(worstOf(alert, parts), alert.quantity),
      threshold: setWords(alert.threshold, alert.quantity),
      sensor: { name: registry.device({ by: 'id', value: alert.device })?.name || alert.device, href: deviceHref(alert.device) },
      explained: explainHref({ device: alert.device, quantity: alert.quantity, time: alert.startedAt }),
      chart: await alertChart(alert, { deeds, title: `${quantityOf(alert.quantity).name} around this alert` }, parts),
      events: eventsOf(alert, deeds, at),
      asked: alert.asked === undefined ? undefined : partsOf(alert, parts),
      rule: mayRead ? ruleNow(alert, rule, parts) : undefined,
      topic: mayRead ? alertTopic(alert, (site) => registry.site(site)?.borough) : undefined,
      mayRead,
      mayAcknowledge: mayOperate && alert.state !== 'resolved' && alert.acknowledged === undefined,
      mayNote: mayOperate,
      mayManage,
      note,
    },
  };
};

const sentenceOf = (alert: Alert, now: Instant): string => {
  const { state, startedAt, firedAt, resolvedAt, quantity, threshold, asked } = alert;
  const name = quantityOf(quantity).name;
  const side = (asked?.when ?? (alert.worst >= threshold ? 'above' : 'below')) === 'above' ? 'above' : 'below';
  const beyond = `${name} has been ${side} ${setWords(threshold, quantity)}`;
  switch (state) {
    case 'pending':
      return `${beyond} since ${when(startedAt, now).clock}. The alert fires ${asked === undefined ? 'when that has lasted long enough' : waitWords(asked)}.`;
    case 'firing':
      return `${beyond} since ${when(startedAt, now).clock}. The alert fired ${when(firedAt ?? startedAt, now).age}.`;
    case 'resolved': {
      const lasted = spanWords(Math.max(1_000, (resolvedAt ?? now) - startedAt));
      return `${name} was ${side} ${setWords(threshold, quantity)} for ${lasted}${firedAt === undefined ? ', too short for the alert to fire' : ''}. It is over.`;
    }
    default:
      return state satisfies never;
  }
};

/** The newest value of the datastream, with what it is worth and how old it is. */
const newestOf = ({ device, quantity }: Alert, { latest, clock }: PageParts): { readonly words: string; readonly when: When } | undefined => {
  const newest = latest.values(device).find((one) => one.quantity === quantity);
  if (newest === undefined) return undefined;
  return { words: newest.value.kind === 'measured' ? measuredWords(newest.value.value, quantity) : 'no value', when: when(newest.time, clock.now()) };
};

/** The worst that is kept, which of an open alert may be a minute behind, or the newest value. */
const worstOf = ({ device, quantity, worst, threshold, state, asked }: Alert, { latest }: PageParts): number => {
  const newest = state === 'resolved' ? undefined : latest.values(device).find((one) => one.quantity === quantity);
  if (newest?.value.kind !== 'measured' || newest.flag > Flag.notEvaluated) return worst;
  const above = (asked?.when ?? (worst >= threshold ? 'above' : 'below')) === 'above';
  return above ? Math.max(worst, newest.value.value) : Math.min(worst, newest.value.value);
};

interface Happening {
  readonly at: When;
  readonly what: string;
  readonly who: string | undefined;
  readonly note: string | undefined;
}

/** Everything that happened, in order. */
const eventsOf = (alert: Alert, deeds: readonly AlertDeed[], now: Instant): readonly Happening[] => {
  const { startedAt, firedAt, resolvedAt, valueAt, worst, quantity, ending, acknowledged } = alert;
  const own = (at: Instant, what: string): { readonly time: Instant } & Happening => ({ time: at, at: when(at, now), what, who: undefined, note: undefined });
  const fired = firedAt === undefined ? [] : [own(firedAt, firedAt === startedAt ? 'The first value beyond the threshold: it fired at once' : 'It had lasted long enough: the alert fired')];
  return [
    ...(firedAt === startedAt ? [] : [own(startedAt, 'The first value beyond the threshold')]),
    ...fired,
    ...deeds.map(({ kind, at, by, note }) => ({ time: at, at: when(at, now), what: kind === 'note' ? 'A note' : 'Acknowledged', who: personWords(by), note })),
    // Of those who may not know who did it, that it was done.
    ...(deeds.length === 0 && acknowledged !== undefined ? [own(acknowledged.at, 'Acknowledged')] : []),
    ...(resolvedAt === undefined
      ? []
      : [own(resolvedAt, `It ended${ending === undefined ? '' : `: ${endingWords(ending)}`}. The worst value was ${measuredWords(worst, quantity)}${ending === 'cleared' && valueAt === resolvedAt ? `, the one that ended it ${measuredWords(alert.value, quantity)}` : ''}`)]),
  ].toSorted((a, b) => a.time - b.time);
};

/** What the rule asked when the alert began, part by part. */
const partsOf = ({ asked }: Alert, { registry }: PageParts): readonly { readonly name: string; readonly words: string }[] =>
  asked === undefined
    ? []
    : [
        { name: 'Looks for', words: askedWords(asked) },
        { name: 'Looks', words: whereOf(asked, registry) },
        { name: 'Fires', words: waitWords(asked) },
        { name: 'Ends', words: clearWords(asked) },
      ];

/** What has become of the rule since. */
const ruleNow = ({ asked }: Alert, rule: Rule | undefined, { registry }: PageParts): { readonly words: string; readonly href?: string } => {
  if (rule === undefined) return { words: 'The rule is gone by now.' };
  const href = `/rules/${encodeURIComponent(rule.id)}`;
  if (!rule.enabled) return { words: 'The rule is switched off now.', href };
  if (asked === undefined) return { words: `What it asked then was not kept. Now it is: ${ruleSentence(rule, registry)}`, href };
  return asksTheSame(asked, rule) ? { words: 'The rule is the same today.', href } : { words: `The rule was changed since. Now it is: ${ruleSentence(rule, registry)}`, href };
};

/** Values of a file at most: what a chart of a month of values a minute shows. */
const ROWS_AT_MOST = 10_000;

/** What the chart of an alert shows, value by value. */
export const alertValues: TableMaker = async ({ id }: Asked, parts) => {
  const alert = await alertOf(id, parts);
  const { from, to } = spanOf(alert, parts.clock.now());
  const { observations } = await parts.timeseries.range({ devices: [alert.device], quantities: [alert.quantity], from, to: instant(to + 1), limit: ROWS_AT_MOST });
  const rows = observations.map(({ time, device, quantity, value, flag }) => [iso(time), device, quantity, quantityOf(quantity).unit, value.kind === 'measured' ? value.value : null, flag, alert.threshold]);
  return { name: `alert-${alert.id}.csv`, text: csv(['time', 'device', 'quantity', 'unit', 'value', 'flag', 'threshold'], rows) };
};
