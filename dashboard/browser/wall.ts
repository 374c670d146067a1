import morphdom from 'morphdom';
import { wordsFrom } from './words.ts';

/**
 * Turns the pages of a wall. Each page is asked of the server and put in the place of the one before, so that nothing
 * gathers over a night; whatever is not answered in time is said at once, with the time since when, and values that may
 * be old are never left looking new. It comes back by itself, and loads itself anew when the server has other files.
 */

/** An answer that takes longer is none. */
const ANSWER_MS = 10_000;
/** After a failure it is tried again so soon. */
const AGAIN_MS = 5_000;
/** A screen that slept, or timers that were held back: later than this, what is shown is not true any more. */
const GRACE_MS = 10_000;
const LOOK_MS = 1_000;

const find = (selector: string): HTMLElement => {
  const found = document.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new TypeError(`the page has no ${selector}`);
  return found;
};

const wall = find('[data-wall]');
const cut = find('[data-wall-cut]');
const since = find('[data-wall-since]');
const why = find('[data-wall-why]');
const pause = find('[data-wall-pause]');
const full = find('[data-wall-full]');
const say = wordsFrom(wall.dataset['words'], document.documentElement.lang);
const everyMs = Number(wall.dataset['every'] ?? 15) * 1_000;

let paused = pause.getAttribute('aria-pressed') === 'true';
let goodAt = performance.now();
let due: number | undefined;
let asking: AbortController | undefined;

const told = (): string => wall.dataset['at'] ?? '';

const setCut = (reason: string | undefined): void => {
  document.documentElement.classList.toggle('kb-wall--cut', reason !== undefined);
  if (reason === undefined) {
    cut.hidden = true;
    return;
  }
  // Set once: whoever listens is not told the same again and again.
  if (cut.hidden) since.textContent = told();
  if (why.textContent !== reason) why.textContent = reason;
  cut.hidden = false;
};

const plan = (ms: number): void => {
  window.clearTimeout(due);
  due = window.setTimeout(() => void show(paused ? 'here' : 'next'), ms);
};

class Unanswered extends Error {}

const fetchWall = async (href: string, signal: AbortSignal): Promise<Document> => {
  let answer: Response;
  try {
    answer = await fetch(href, { headers: { Accept: 'text/html' }, cache: 'no-store', signal });
  } catch {
    throw new Unanswered(say('wall.no-answer'));
  }
  if (answer.redirected || answer.status === 401 || answer.status === 403)
    throw new Unanswered(say('wall.sign-in-again'));
  if (!answer.ok) throw new Unanswered(say('wall.trouble'));
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
};

const sheetOf = (page: Document): string => page.querySelector('link[rel=stylesheet]')?.getAttribute('href') ?? '';

const show = async (which: 'next' | 'previous' | 'here'): Promise<void> => {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  const timer = window.setTimeout(() => mine.abort(), ANSWER_MS);
  try {
    const page = await fetchWall(wall.dataset[which] ?? location.href, mine.signal);
    const next = page.querySelector('[data-wall]');
    if (asking !== mine) return;
    if (next === null) throw new Unanswered(say('wall.trouble'));
    // Another version of the server: its page may need another style.
    if (sheetOf(page) !== sheetOf(document)) return location.reload();
    morphdom(wall, next);
    document.title = page.title;
    goodAt = performance.now();
    setCut(undefined);
    plan(everyMs);
  } catch (error) {
    // Somebody pressed a key meanwhile: that one goes on.
    if (asking !== mine) return;
    setCut(error instanceof Unanswered ? error.message : say('wall.not-drawn'));
    plan(AGAIN_MS);
  } finally {
    window.clearTimeout(timer);
  }
};

const setPaused = (on: boolean): void => {
  paused = on;
  pause.setAttribute('aria-pressed', String(on));
  plan(on ? everyMs : 0);
};

const turn =
  (which: 'next' | 'previous') =>
  (event: Event): void => {
    event.preventDefault();
    void show(which);
  };

document.querySelector('[data-wall-next]')?.addEventListener('click', turn('next'));
document.querySelector('[data-wall-previous]')?.addEventListener('click', turn('previous'));
document.querySelector('[data-wall-still]')?.remove();
pause.hidden = false;
pause.addEventListener('click', () => setPaused(!paused));
full.hidden = !document.fullscreenEnabled;
full.addEventListener(
  'click',
  () =>
    void (document.fullscreenElement === null
      ? document.documentElement.requestFullscreen()
      : document.exitFullscreen()),
);
document.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const onControl = event.target instanceof Element && event.target.closest('a, button') !== null;
  if (event.key === 'ArrowRight') turn('next')(event);
  else if (event.key === 'ArrowLeft') turn('previous')(event);
  else if (event.key === ' ' && !onControl) {
    event.preventDefault();
    setPaused(!paused);
  }
});
window.setInterval(() => {
  if (performance.now() - goodAt > everyMs + ANSWER_MS + GRACE_MS) setCut(say('wall.nothing-came'));
}, LOOK_MS);
window.addEventListener('online', () => plan(0));
plan(everyMs);
