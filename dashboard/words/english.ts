import type { Entries } from './entry.ts';
import { alertEntries } from './english/alerts.ts';
import { chartEntries } from './english/charts.ts';
import { listEntries } from './english/lists.ts';
import { placeEntries } from './english/place.ts';
import { signInEntries } from './english/sign-in.ts';
import { statementEntries } from './english/statement.ts';
import { valueEntries } from './english/values.ts';

/**
 * The words of the pages, in British English: the catalogue that every other language is held against. `{name}` is
 * replaced by a value. Here are those that surround every page; those of the pages are in `english/`.
 */
export const english = {
  'site.what': 'Street sensors',
  'site.skip': 'Skip to main content',
  'site.pages': 'Pages',
  'site.language': 'English',
  'site.as-at': 'As at',
  'site.uk-time': 'Times are UK local time.',
  'site.accessibility': 'Accessibility statement',
  'site.wall': 'Wall view',
  'site.reference': 'Data and API reference',
  'site.provisional': 'Readings are provisional and indicative: street sensors are not reference instruments.',
  'site.sign-in': 'Sign in',
  'site.sign-out': 'Sign out',

  'pages.previous': 'Previous',
  'pages.next': 'Next',
  'pages.page': 'page',
  'pages.number': 'Page {number}',

  'nav.now': 'Now',
  'nav.map': 'Map',
  'nav.compare': 'Compare',
  'nav.alerts': 'Alerts',
  'nav.sensors': 'Sensors',
  'nav.gateways': 'Gateways',
  'nav.data': 'Data (API)',
  'nav.engineers': 'Engineers',
  'nav.manage': 'Manage',

  'live.updates': 'Live updates',
  'live.reload': 'Reload this page for newer values.',
  'live.connecting': 'Connecting',
  'live.live': 'Live',
  'live.updated': 'Live, updated {time}',
  'live.polled': 'Not live: asked again each {seconds} seconds, last {time}',
  'live.cut': 'Not live: trying to connect',
  'live.pause': 'Pause updates',
  'live.resume': 'Resume updates',
  'live.paused': 'Paused at {time}',
  'live.waiting': { one: '{count} update - show', other: '{count} updates - show' },
  'live.interrupted': 'Live updates are interrupted.',
  'live.interrupted-since': 'What you see is from {time} or a little later. Trying to connect again.',

  'state.alert': 'Alert',
  'state.silent': 'Silent',
  'state.late': 'Late',
  'state.never-heard': 'Never heard',
  'state.suspect': 'Quality suspect',
  'state.listening': 'Listening',
  'state.maintenance': 'Maintenance',
  'state.ok': 'OK',
  'state.empty': 'No sensor',
  'state.all': 'All',

  'sentence.none': 'No sensors are registered yet',
  'sentence.reporting': {
    one: '{reporting} of {sensors} sensor reporting, {alerts}',
    other: '{reporting} of {sensors} sensors reporting, {alerts}',
  },
  'sentence.listening': {
    one: 'Listening again since {since}: {reporting} of {sensors} sensor heard so far, {alerts}',
    other: 'Listening again since {since}: {reporting} of {sensors} sensors heard so far, {alerts}',
  },
  'sentence.no-alerts': 'no alerts',
  'sentence.alerts': { one: '{count} alert', other: '{count} alerts' },

  ...valueEntries,
  ...chartEntries,
  ...placeEntries,
  ...alertEntries,
  ...listEntries,
  ...signInEntries,
  ...statementEntries,
} as const satisfies Entries;

/** The name of some words. */
export type Key = keyof typeof english;
