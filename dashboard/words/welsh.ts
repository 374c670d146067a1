import type { Entry, Key } from './english.ts';

/**
 * The words of the pages in Welsh, as far as they are standard terms. What is not here is shown in English and marked as
 * English; tests/dashboard/languages.test.ts lists what is missing. After a numeral a Welsh noun is singular, and
 * after two it is softened: `2 rybudd`, `3 rhybudd`.
 */
export const welsh: Readonly<Partial<Record<Key, Entry>>> = {
  'site.what': 'Synwyryddion stryd',
  'site.skip': "Neidio i'r prif gynnwys",
  'site.pages': 'Tudalennau',
  'site.language': 'Cymraeg',
  'site.languages': 'Iaith',
  'site.accessibility': 'Datganiad hygyrchedd',
  'site.sign-in': 'Mewngofnodi',
  'site.sign-out': 'Allgofnodi',

  'nav.now': 'Nawr',
  'nav.map': 'Map',
  'nav.compare': 'Cymharu',
  'nav.alerts': 'Rhybuddion',
  'nav.sensors': 'Synwyryddion',
  'nav.data': 'Data (API)',
  'nav.engineers': 'Peirianwyr',
  'nav.manage': 'Rheoli',

  'live.updates': 'Diweddariadau byw',
  'live.live': 'Yn fyw',
  'live.pause': 'Oedi diweddariadau',
  'live.resume': 'Ailddechrau diweddariadau',

  'state.alert': 'Rhybudd',
  'state.late': 'Hwyr',
  'state.listening': 'Yn gwrando',
  'state.maintenance': 'Cynnal a chadw',
  'state.ok': 'Iawn',
  'state.empty': 'Dim synhwyrydd',

  'sentence.none': "Nid oes synwyryddion wedi'u cofrestru eto",
  'sentence.reporting': '{reporting} o {sensors} synhwyrydd yn adrodd, {alerts}',
  'sentence.no-alerts': 'dim rhybuddion',
  'sentence.alerts': { two: '{count} rybudd', other: '{count} rhybudd' },
};
