import type * as Moving from './map.ts';
import { wordsFrom } from './words.ts';

/**
 * Opens the map that moves, which is ten times as large as all other scripts: at once where there is room for it, by a
 * button on a phone or where somebody saves data. The picture of the server stays until it is there, and where it
 * cannot be.
 */

const WIDE = '(min-width: 48em)';

const host = document.querySelector<HTMLElement>('[data-map]');
const note = host?.querySelector<HTMLElement>('[data-map-note]');
const offer = host?.querySelector<HTMLElement>('[data-map-offer]');

const savesData = (): boolean => {
  const connection: unknown = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(navigator),
    'connection',
  )?.get?.call(navigator);
  return (
    typeof connection === 'object' && connection !== null && 'saveData' in connection && connection.saveData === true
  );
};

const canDraw = (): boolean => document.createElement('canvas').getContext('webgl2') !== null;

const say = wordsFrom(host?.dataset['words'], document.documentElement.lang);
const show = (words: string): void => {
  if (note instanceof HTMLElement) note.textContent = words;
};

const open = async (at: HTMLElement): Promise<void> => {
  if (offer instanceof HTMLElement) offer.hidden = true;
  try {
    const { openMap } = (await import(at.dataset['script'] ?? '')) as typeof Moving;
    await openMap(at, show, say);
  } catch {
    show(say('map.not-loaded'));
  }
};

if (host instanceof HTMLElement && offer instanceof HTMLElement) {
  if (!canDraw()) show(say('map.cannot-draw'));
  else if (matchMedia(WIDE).matches && !savesData()) void open(host);
  else {
    offer.hidden = false;
    offer.querySelector('button')?.addEventListener('click', () => void open(host));
  }
}
