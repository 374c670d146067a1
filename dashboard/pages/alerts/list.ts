import {
  instant,
  quantityIds,
  quantityOf,
  ruleId,
  type Instant,
  type SiteId,
} from '../../../device-profiles/vocabulary/index.ts';
import type { Alert, AlertQuery } from '../../../infra/registry/contract.ts';
import { dayOf } from '../../audit-query.ts';
import { wordsIn, type Words } from '../../words/index.ts';
import { alertView } from './view.ts';
import type { Asked, Page, PageMaker, PageParts } from '../page.ts';
import { siteNamed } from '../rules/place.ts';

/** Alerts that are over, on one page. */
const RESOLVED_A_PAGE = 50;
/** Alerts that are open are shown all; more than that at once nobody reads. */
const OPEN_AT_MOST = 500;

/** States to choose from, in the order in which somebody has to look at them. */
const states = ['firing', 'acknowledged', 'pending', 'resolved'] as const;
type State = (typeof states)[number];
const icons: Readonly<Record<State, string>> = {
  firing: 'alert',
  acknowledged: 'ok',
  pending: 'late',
  resolved: 'empty',
};
/** What of the address says which alerts are meant. */
const keys = ['site', 'quantity', 'rule', 'since'] as const;
type Typed = Readonly<Partial<Record<(typeof keys)[number], string>>>;

/** All open alerts, worst first, and those that are over, newest first; which, is in the address. */
export const alertsPage: PageMaker = async (asked, parts) => {
  const { registry, latest, clock, now } = parts;
  const words = wordsIn(asked.language);
  const at = clock.now();
  const state = states.find((one) => one === asked.state);
  const typed = typedOf(asked);
  const { query, wrong } = queryOf(typed, parts, words);
  const show = (alert: Alert) => alertView(alert, at, { registry, latest }, words);
  const nothing = { alerts: [] as readonly Alert[], next: undefined };
  const isFirst = asked.before === undefined;
  const wantsOver = state === undefined || state === 'resolved';
  const { alerts: open } =
    query === undefined ? nothing : await registry.alerts({ ...query, state: 'open', limit: OPEN_AT_MOST });
  const over =
    query === undefined || !wantsOver
      ? nothing
      : await registry.alerts({
          ...query,
          state: 'resolved',
          limit: RESOLVED_A_PAGE,
          ...(asked.before === undefined ? {} : { before: asked.before }),
        });
  const filtered = Object.keys(typed).length > 0;
  const empty = (which: State | 'open'): string =>
    words.say(filtered ? 'alerts.none-like-that' : `alerts.none-${which}`);
  return {
    template: 'alerts/list',
    title: words.say(query === undefined ? 'alerts.error-heading' : 'alerts.heading'),
    section: 'alerts',
    live: {},
    forms: true,
    asOf: now.overview().asOf,
    inEveryLanguage: true,
    content: {
      ...searched(typed, wrong, words),
      state,
      mayRead: asked.mayRead,
      filters: query === undefined ? undefined : filtersOf(open, state, typed, words),
      open:
        query !== undefined && isFirst && state !== 'resolved'
          ? worstFirst(open)
              .filter((alert) => state === undefined || stateOf(alert) === state)
              .map(show)
          : undefined,
      openHeading: words.say(`alerts.open-${state ?? 'all'}`),
      openEmpty: empty(state ?? 'open'),
      resolved: query !== undefined && wantsOver ? over.alerts.map(show) : undefined,
      resolvedEmpty: empty('resolved'),
      next: over.next === undefined ? undefined : hrefOf(typed, state, over.next),
    },
  };
};

const searched = (
  typed: Typed,
  wrong: ReturnType<typeof queryOf>['wrong'],
  words: Words,
): Pick<Page, 'content'>['content'] => ({
  typed,
  wrong: Object.fromEntries(wrong.map(({ field, text }) => [field, { text }])),
  errors: wrong.map(({ field, text }) => ({ text, href: `#${field}` })),
  quantities: [
    { value: '', text: words.say('search.anything') },
    ...quantityIds.map((id) => ({ value: id, text: quantityOf(id).name, selected: typed.quantity === id })),
  ],
});

/** What people have to see to: taken up by somebody or not, alerts that fire before those that may. */
const stateOf = ({ state, acknowledged }: Alert): State =>
  state !== 'resolved' && acknowledged !== undefined ? 'acknowledged' : state;

const typedOf = (asked: Asked): Typed =>
  Object.fromEntries(
    keys.flatMap((key) =>
      asked[key] === undefined || asked[key].trim() === '' ? [] : [[key, asked[key].trim().slice(0, 100)]],
    ),
  );

const hrefOf = (typed: Typed, state: State | undefined, before?: string): string => {
  const query = new URLSearchParams({
    ...(state === undefined ? {} : { state }),
    ...typed,
    ...(before === undefined ? {} : { before }),
  }).toString();
  return query === '' ? '/alerts' : `/alerts?${query}`;
};

const filtersOf = (open: readonly Alert[], chosen: State | undefined, typed: Typed, words: Words) => [
  {
    id: 'all',
    word: words.say('alerts.open'),
    count: open.length,
    href: hrefOf(typed, undefined),
    current: chosen === undefined,
  },
  ...states.map((state) => ({
    id: icons[state],
    word: words.say(`alerts.${state}`),
    count: state === 'resolved' ? '' : open.filter((alert) => stateOf(alert) === state).length,
    href: hrefOf(typed, state),
    current: chosen === state,
  })),
];

const severityOrder = { critical: 0, warning: 1, information: 2 } as const;
const stateOrder = { firing: 0, pending: 1, acknowledged: 2, resolved: 3 } as const;

/** Critical before warning; of these what fires and nobody has before what is only pending and what somebody has; then the oldest. */
const worstFirst = (alerts: readonly Alert[]): readonly Alert[] =>
  alerts.toSorted(
    (a, b) =>
      severityOrder[a.severity] - severityOrder[b.severity] ||
      stateOrder[stateOf(a)] - stateOrder[stateOf(b)] ||
      a.startedAt - b.startedAt,
  );

interface Wrong {
  readonly field: string;
  readonly text: string;
}

/** Undefined where something of it cannot be meant, which is said. */
const queryOf = (
  typed: Typed,
  { registry }: Pick<PageParts, 'registry'>,
  words: Words,
): { readonly query: Omit<AlertQuery, 'limit'> | undefined; readonly wrong: readonly Wrong[] } => {
  const wrong: Wrong[] = [];
  const site: SiteId | undefined = typed.site === undefined ? undefined : siteNamed(registry, typed.site);
  if (typed.site !== undefined && site === undefined)
    wrong.push({ field: 'site', text: words.say('alerts.wrong-site') });
  const since: Instant | undefined = typed.since === undefined ? undefined : dayOf(typed.since, 'begins');
  if (typed.since !== undefined && since === undefined)
    wrong.push({ field: 'since', text: words.say('alerts.wrong-day') });
  const quantity = quantityIds.find((id) => id === typed.quantity);
  if (typed.quantity !== undefined && quantity === undefined)
    wrong.push({ field: 'quantity', text: words.say('alerts.wrong-quantity') });
  if (wrong.length > 0) return { query: undefined, wrong };
  return {
    wrong,
    query: {
      ...(site === undefined ? {} : { site }),
      ...(quantity === undefined ? {} : { quantity }),
      ...(typed.rule === undefined ? {} : { rule: ruleId(typed.rule) }),
      ...(since === undefined ? {} : { since: instant(since) }),
    },
  };
};
