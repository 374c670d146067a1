import type { openPlot } from './plot.ts';
import { wordsFrom } from './words.ts';

/**
 * Puts a button beside each chart that the server drew, with which it can be looked at closer. What draws it then comes only
 * when it is asked for. Without this script the drawing and its table are there.
 */

const source = document.querySelector('script[data-plot]');
const say = wordsFrom(
  source instanceof HTMLScriptElement ? source.dataset['words'] : undefined,
  document.documentElement.lang,
);
const plotSrc = source instanceof HTMLScriptElement ? (source.dataset['plot'] ?? '') : '';

for (const chart of document.querySelectorAll('[data-chart]')) {
  const table = document.querySelector(`table[data-of="${chart.id}"]`);
  if (!(chart instanceof HTMLElement) || !(table instanceof HTMLTableElement)) continue;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'govuk-button govuk-button--secondary kb-explore__button';
  button.dataset['still'] = '';
  let opened: { close(): void } | undefined;
  const name = document.createElement('span');
  name.className = 'govuk-visually-hidden';
  name.textContent = ` ${say('plot.at', { chart: chart.dataset['chart'] ?? '' })}`;
  const write = (): void => {
    button.replaceChildren(say(opened === undefined ? 'plot.open' : 'plot.close'), name);
    button.setAttribute('aria-expanded', String(opened !== undefined));
  };
  const turn = async (): Promise<void> => {
    if (opened === undefined) {
      const plot: { readonly openPlot: typeof openPlot } = await import(plotSrc);
      opened ??= plot.openPlot(chart, table, say);
    } else {
      opened.close();
      opened = undefined;
    }
    write();
  };
  button.addEventListener('click', () => void turn());
  write();
  chart.append(button);
}
