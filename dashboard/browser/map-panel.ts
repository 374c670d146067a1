import type { Site } from './map-sites.ts';

/** More sites than these are a list of their own; the page has it. */
const LISTED_AT_MOST = 20;

export interface Panel {
  /** Says of the sites of one button what is known, and takes the focus; closing gives it back. */
  readonly show: (sites: readonly Site[], from: HTMLElement) => void;
}

export const openPanel = (host: HTMLElement): Panel => {
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
      const button = made('button', 'Close', 'govuk-button govuk-button--secondary');
      button.type = 'button';
      button.addEventListener('click', close);
      const rest = sites.length - LISTED_AT_MOST;
      host.replaceChildren(...sites.slice(0, LISTED_AT_MOST).map(about), ...(rest > 0 ? [made('p', `and ${rest} more, all in the list below`, 'govuk-body')] : []), button);
      host.hidden = false;
      host.focus();
    },
  };
};

const about = ({ name, href, word, value, measured, quality }: Site): HTMLElement => {
  const whole = made('p', '', 'govuk-body kb-map__site');
  const link = made('a', name, 'govuk-link');
  link.href = href;
  const said = [word, value, quality, measured === '' ? '' : `at ${measured}`].filter((part) => part !== '').join(', ');
  whole.append(link, `: ${said}`);
  return whole;
};

const made = <K extends 'a' | 'p' | 'button'>(tag: K, words: string, className: string): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag);
  element.textContent = words;
  element.className = className;
  return element;
};
