import {
  alertId,
  instant,
  iso,
  NotFound,
  quantityOf,
  type Instant,
} from '../../../device-profiles/vocabulary/index.ts';
import type { Alert, AlertDeed, Rule } from '../../../infra/registry/contract.ts';
import { asksTheSame } from '../../../infra/registry/rule-condition.ts';
import { csv } from '../../api/csv.ts';
import { alertTopic } from '../../feeds/topics.ts';
import { wordsIn, type Language, type Words } from '../../words/index.ts';
import { deviceHref, explainHref, when, type When } from '../models.ts';
import { alertView } from './view.ts';
import type { Asked, Page, PageMaker, PageParts } from '../page.ts';
import type { TableMaker } from '../tables.ts';
import { spanWords } from '../words.ts';
import { alertChart, spanOf } from './chart.ts';
import {
  askedWords,
  clearWords,
  endingWords,
  measuredWords,
  personWords,
  ruleSentence,
  setWords,
  waitWords,
  whereOf,
} from './words.ts';

/** The alert of that id, where whoever asks may see it. @throws NotFound (`alert-unknown`), InvalidId. */
const alertOf = async (id: string, { registry }: Pick<PageParts, 'registry'>): Promise<Alert> => {
  const alert = await registry.alert(alertId(id));
  if (alert === undefined)
    throw new NotFound('alert-unknown', `There is no alert ${JSON.stringify(id.slice(0, 80))} here`);
  return alert;
};

/** What one may do with an alert, and what was typed about it. */
export interface Reading {
  readonly language: Language;
  readonly mayRead: boolean;
  readonly mayOperate: boolean;
  readonly mayManage: boolean;
  readonly done: string | undefined;
  readonly note?: string;
}

/** The story of one alert. */
export const alertPage: PageMaker = (asked, parts) => storyPage(asked.id, asked, parts);

/** @throws NotFound (`alert-unknown`), InvalidId. */
export const storyPage = async (
  id: string,
  { language, mayRead, mayOperate, mayManage, done, note = '' }: Reading,
  parts: PageParts,
): Promise<Page> => {
  const words = wordsIn(language);
  const { registry, latest, clock } = parts;
  const alert = await alertOf(id, parts);
  const at = clock.now();
  // Who did what, and what was written, is for those who work here.
  const deeds = mayRead ? await registry.alertDeeds(alert.id) : [];
  const shown = alertView(alert, at, { registry, latest }, words);
  const rule = mayRead ? registry.rules().find((one) => one.id === alert.rule) : undefined;
  return {
    template: 'alerts/story',
    title: alert.ruleName,
    section: 'alerts',
    live: alert.site === null ? {} : { sites: [alert.site] },
    forms: true,
    charts: true,
    inEveryLanguage: true,
    content: {
      heading: alert.ruleName,
      errors: [],
      wrong: {},
      id: alert.id,
      alert: shown,
      said: done === 'acknowledged' || done === 'noted' ? done : undefined,
      sentence: sentenceOf(alert, at, words),
      newest: newestOf(alert, parts, words),
      lasted: spanWords(Math.max(1_000, (alert.resolvedAt ?? at) - alert.startedAt), words),
      worst: measuredWords(alert.worst, alert.quantity, words),
      threshold: setWords(alert.threshold, alert.quantity),
      sensor: {
        name: registry.device({ by: 'id', value: alert.device })?.name || alert.device,
        href: deviceHref(alert.device),
      },
      explained: explainHref({ device: alert.device, quantity: alert.quantity, time: alert.startedAt }),
      chart: await alertChart(
        alert,
        { deeds, title: words.say('story.around', { quantity: quantityOf(alert.quantity).name }) },
        parts,
        words,
      ),
      events: eventsOf(alert, deeds, at, words),
      asked: alert.asked === undefined ? undefined : partsOf(alert, parts, words),
      rule: mayRead ? ruleNow(alert, rule, parts, words) : undefined,
      topic: mayRead ? alertTopic(alert, (site) => registry.site(site)?.borough) : undefined,
      mayRead,
      mayAcknowledge: mayOperate && alert.state !== 'resolved' && alert.acknowledged === undefined,
      mayNote: mayOperate,
      mayManage,
      note,
    },
  };
};

const sentenceOf = (alert: Alert, now: Instant, words: Words): string => {
  const { state, startedAt, firedAt, resolvedAt, threshold, asked } = alert;
  const side = (asked?.when ?? (alert.worst >= threshold ? 'above' : 'below')) === 'above' ? 'above' : 'below';
  const beyond = {
    quantity: quantityOf(alert.quantity).name,
    threshold: setWords(threshold, alert.quantity),
    since: when(startedAt, now, words).clock,
  };
  switch (state) {
    case 'pending':
      return words.say(`story.pending-${side}`, {
        ...beyond,
        wait: asked === undefined ? words.say('story.long-enough') : waitWords(asked, words),
      });
    case 'firing':
      return words.say(`story.firing-${side}`, { ...beyond, age: when(firedAt ?? startedAt, now, words).age });
    case 'resolved': {
      const lasted = spanWords(Math.max(1_000, (resolvedAt ?? now) - startedAt), words);
      return words.say(firedAt === undefined ? `story.short-${side}` : `story.over-${side}`, { ...beyond, lasted });
    }
    default:
      return state satisfies never;
  }
};

/** The newest value of the datastream, with what it is worth and how old it is. */
const newestOf = (
  { device, quantity }: Alert,
  { latest, clock }: PageParts,
  words: Words,
): { readonly words: string; readonly when: When } | undefined => {
  const newest = latest.values(device).find((one) => one.quantity === quantity);
  if (newest === undefined) return undefined;
  return {
    words:
      newest.value.kind === 'measured'
        ? measuredWords(newest.value.value, quantity, words)
        : words.say('story.no-value'),
    when: when(newest.time, clock.now(), words),
  };
};

interface Happening {
  readonly at: When;
  readonly what: string;
  readonly who: string | undefined;
  readonly note: string | undefined;
}

/** Everything that happened, in order. */
const eventsOf = (alert: Alert, deeds: readonly AlertDeed[], now: Instant, words: Words): readonly Happening[] => {
  const { startedAt, firedAt, resolvedAt, valueAt, worst, quantity, ending, acknowledged } = alert;
  const own = (at: Instant, what: string): { readonly time: Instant } & Happening => ({
    time: at,
    at: when(at, now, words),
    what,
    who: undefined,
    note: undefined,
  });
  const fired =
    firedAt === undefined
      ? []
      : [own(firedAt, words.say(firedAt === startedAt ? 'story.fired-at-once' : 'story.fired'))];
  return [
    ...(firedAt === startedAt ? [] : [own(startedAt, words.say('story.first'))]),
    ...fired,
    ...deeds.map(({ kind, at, by, note }) => ({
      time: at,
      at: when(at, now, words),
      what: words.say(kind === 'note' ? 'story.a-note' : 'alert.acknowledged'),
      who: personWords(by, words),
      note,
    })),
    // Of those who may not know who did it, that it was done.
    ...(deeds.length === 0 && acknowledged !== undefined
      ? [own(acknowledged.at, words.say('alert.acknowledged'))]
      : []),
    ...(resolvedAt === undefined
      ? []
      : [
          own(
            resolvedAt,
            [
              ending === undefined
                ? words.say('story.ended')
                : words.say('story.ended-because', { why: endingWords(ending, words) }),
              ending === 'cleared' && valueAt === resolvedAt
                ? words.say('story.worst-and-last', {
                    worst: measuredWords(worst, quantity, words),
                    last: measuredWords(alert.value, quantity, words),
                  })
                : words.say('story.worst', { worst: measuredWords(worst, quantity, words) }),
            ].join(' '),
          ),
        ]),
  ].toSorted((a, b) => a.time - b.time);
};

/** What the rule asked when the alert began, part by part. */
const partsOf = (
  { asked }: Alert,
  { registry }: PageParts,
  words: Words,
): readonly { readonly name: string; readonly words: string }[] =>
  asked === undefined
    ? []
    : [
        { name: words.say('story.looks-for'), words: askedWords(asked, words) },
        { name: words.say('story.looks'), words: whereOf(asked, registry, words) },
        { name: words.say('story.fires'), words: waitWords(asked, words) },
        { name: words.say('story.ends'), words: clearWords(asked, words) },
      ];

/** What has become of the rule since. */
const ruleNow = (
  { asked }: Alert,
  rule: Rule | undefined,
  { registry }: PageParts,
  words: Words,
): { readonly words: string; readonly href?: string } => {
  if (rule === undefined) return { words: words.say('story.rule-gone') };
  const href = `/rules/${encodeURIComponent(rule.id)}`;
  if (!rule.enabled) return { words: words.say('story.rule-off'), href };
  if (asked === undefined)
    return { words: words.say('story.rule-not-kept', { rule: ruleSentence(rule, registry, words) }), href };
  return asksTheSame(asked, rule)
    ? { words: words.say('story.rule-same'), href }
    : { words: words.say('story.rule-changed', { rule: ruleSentence(rule, registry, words) }), href };
};

/** Values of a file at most: what a chart of a month of values a minute shows. */
const ROWS_AT_MOST = 10_000;

/** What the chart of an alert shows, value by value. */
export const alertValues: TableMaker = async ({ id }: Asked, parts) => {
  const alert = await alertOf(id, parts);
  const { from, to } = spanOf(alert, parts.clock.now());
  const { observations } = await parts.timeseries.range({
    devices: [alert.device],
    quantities: [alert.quantity],
    from,
    to: instant(to + 1),
    limit: ROWS_AT_MOST,
  });
  const rows = observations.map(({ time, device, quantity, value, flag }) => [
    iso(time),
    device,
    quantity,
    quantityOf(quantity).unit,
    value.kind === 'measured' ? value.value : null,
    flag,
    alert.threshold,
  ]);
  return {
    name: `alert-${alert.id}.csv`,
    text: csv(['time', 'device', 'quantity', 'unit', 'value', 'flag', 'threshold'], rows),
  };
};
