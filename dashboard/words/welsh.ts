import type { Key } from './english.ts';
import type { Entry } from './entry.ts';

/**
 * The words of the pages in Welsh, as far as they are standard terms. What is not here is shown in English and marked as
 * English; tests/dashboard/without-welsh.txt lists what is missing. After a numeral a Welsh noun is singular, and after two
 * it is softened: `2 rybudd`, `3 rhybudd`. Words that code puts together into longer ones get none before all have
 * it: what is said in one breath is of one language.
 */
export const welsh: Readonly<Partial<Record<Key, Entry>>> = {
  'site.what': 'Synwyryddion stryd',
  'site.skip': "Neidio i'r prif gynnwys",
  'site.pages': 'Tudalennau',
  'site.language': 'Cymraeg',
  'site.accessibility': 'Datganiad hygyrchedd',
  'site.sign-in': 'Mewngofnodi',
  'site.sign-out': 'Allgofnodi',

  'pages.previous': 'Blaenorol',
  'pages.next': 'Nesaf',
  'pages.number': 'Tudalen {number}',

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

  'table.table': 'Tabl',
  'table.csv': 'Lawrlwytho fel CSV',

  'band.low': 'Isel',
  'band.moderate': 'Cymedrol',
  'band.high': 'Uchel',
  'band.very-high': 'Uchel iawn',
  'air.heading': 'Mynegai ansawdd aer',
  'air.pollutant': 'Llygrydd',
  'place.value': 'Gwerth',
  'place.quality': 'Ansawdd',
  'place.sensor': 'Synhwyrydd',
  'place.index': 'Mynegai',
  'range.first-day': 'Diwrnod cyntaf',
  'range.last-day': 'Diwrnod olaf',
  'past.why': 'Pam',

  'search.sites': 'Safleoedd',
  'search.borough': 'Bwrdeistref',
  'search.ward': 'Ward',
  'search.state': 'Cyflwr',
  'search.show-all': 'Dangos pob safle',
  'front.alerts': 'Rhybuddion',
  'front.site': 'Safle',
  'front.state': 'Cyflwr',
  'map.heading': 'Map',
  'map.in': 'Chwyddo i mewn',
  'map.out': 'Chwyddo allan',
  'map.close': 'Cau',
  'compare.heading': 'Cymharu',
  'compare.one': 'Safle',
  'compare.search': 'Chwilio',
  'wall.previous': 'Tudalen flaenorol',
  'wall.next': 'Tudalen nesaf',
  'wall.full': 'Sgrin lawn',

  'alerts.heading': 'Rhybuddion',
  'alerts.alert': 'Rhybudd',
  'alerts.site': 'Safle',
  'alerts.rule': 'Rheol',
  'alerts.where': 'Ble',
  'alerts.show': 'Dangos',
  'alerts.show-all': 'Dangos pob rhybudd',
  'story.note': 'Nodyn',
  'story.sensor': 'Synhwyrydd',
  'story.threshold': 'Trothwy',
  'story.values': 'Gwerthoedd',

  'form.problem': 'Mae problem wedi codi',
  'sign-in.email': 'Cyfeiriad e-bost',
  'sign-in.password': 'Cyfrinair',
  'sign-in.code': 'Cod',
  'sign-in.continue': 'Parhau',
};
