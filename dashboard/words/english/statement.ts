import type { Entries } from '../entry.ts';

/** Of the accessibility statement. */
export const statementEntries = {
  'statement.about':
    'This statement is about the pages of {name}: the overview, the pages of sites and sensors, the alerts and this page. We want as many people as possible to be able to use them. You should be able to:',
  'statement.zoom': 'zoom in up to 400% without text spilling off the screen',
  'statement.keyboard': 'use every page with a keyboard alone, and with JavaScript switched off',
  'statement.shape': 'tell the state of a sensor by its shape and by its word, not only by its colour',
  'statement.chart': 'read every chart as a sentence and as a table',
  'statement.colours':
    'use the colours that you set for your whole system, and be spared motion if you ask your system for less of it',
  'statement.pause':
    'pause live updates, and read without being interrupted by them: only a change of the overall state is announced, at most every twenty seconds, and rows keep their places while your pointer or your keyboard is among them',
  'statement.how': 'How accessible these pages are',
  'statement.not-yet': 'What is not accessible yet',
  'statement.tell': 'Tell us about a barrier',
  'statement.enforcement': 'Enforcement',
  'statement.built':
    'They are built to meet the Web Content Accessibility Guidelines version 2.2, level AA. Each release is checked automatically, page by page: on a wide and on a narrow screen, at 400% zoom, with colours of the system, with less motion, with a keyboard, and without JavaScript. Automatic checks find only some barriers: an audit by people, with assistive technology, has not been made of this version.',
  'statement.welsh':
    'Where these pages are offered in Welsh, only some of their words are. What is still in English is marked as English, so that screen readers pronounce it as English.',
  'statement.contact':
    'If you meet a barrier, or need this information in another form, contact the council or organisation that runs this installation. It should answer, and has to publish how it can be reached in its own accessibility statement.',
  'statement.law':
    'The Equality and Human Rights Commission enforces the Public Sector Bodies (Websites and Mobile Applications) (No. 2) Accessibility Regulations 2018. If you are not happy with how a complaint is answered, contact the Equality Advisory and Support Service.',
  'statement.api': 'API reference',
  'statement.reference':
    'The {reference} is made by Swagger UI, whose accessibility we do not control. The same information is in {file} that other readers of API descriptions can open.',
  'statement.file': 'a file',
} as const satisfies Entries;
