import type { Site } from './map-sites.ts';
import type { Say } from './words.ts';

/** More sites than these are a list of their own; the page has it. */
const LISTED_AT_MOST = 20;

export interface Panel {
  /** Says of the sites of one button what is known, and takes the focus; closing gives it back. */
  readonly show: (sites: readonly Site[], from: HTMLElement) => void;
}

export const openPanel = (host: HTMLElement, say: Say): Panel => {
  let back: HTMLElement | undefined;
  const close = (): void => {
    host.hidden = true;
    if (back?.isConnected === true) back.focus();
  };
  host.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') close();
  });
  return {
    show(sites, from) {
      back = from;
      const button = made('button', say('map.close'), 'govuk-button govuk-button--secondary');
      button.type = 'button';
      button.addEventListener('click', close);
      const rest = sites.length - LISTED_AT_MOST;
      host.replaceChildren(
        ...sites.slice(0, LISTED_AT_MOST).map((site) => about(site, say)),
        ...(rest > 0 ? [made('p', say('map.and-more', { count: rest }), 'govuk-body')] : []),
        button,
      );
      host.hidden = false;
      host.focus();
    },
  };
};

const about = ({ name, href, word, value, measured, quality }: Site, say: Say): HTMLElement => {
  const whole = made('p', '', 'govuk-body kb-map__site');
  const link = made('a', name, 'govuk-link');
  link.href = href;
  const said = [word, value, quality, measured === '' ? '' : say('map.at', { time: measured })]
    .filter((part) => part !== '')
    .join(', ');
  whole.append(link, `: ${said}`);
  return whole;
};

const made = <K extends 'a' | 'p' | 'button'>(tag: K, words: string, className: string): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag);
  element.textContent = words;
  element.className = className;
  return element;
};
