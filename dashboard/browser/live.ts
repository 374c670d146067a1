import morphdom from 'morphdom';
import { io } from 'socket.io-client';

/**
 * Keeps a page that was drawn by the server true while one looks at it. The server says which sites changed; the page
 * asks for itself again and what differs is replaced in place. Focus, open details and the pointer's row stay where
 * they are. Without this script the page works the same, by reloading.
 */

/** A page redraws itself at most so often. */
const REDRAW_EVERY_MS = 1_000;
/** Ages in words go on even where nothing happens. */
const REDRAW_ANYWAY_MS = 60_000;
/** A short break of the network is nobody's news. */
const CUT_AFTER_MS = 3_000;
/** A screen reader is told of a change of the overall state, and no more often than this. */
const SAY_EVERY_MS = 20_000;

const find = <E extends HTMLElement>(selector: string, kind: new () => E): E | undefined => {
  const found = document.querySelector(selector);
  return found instanceof kind ? found : undefined;
};

const bar = find('[data-live]', HTMLElement);
const state = find('[data-live-state]', HTMLElement);
const pause = find('[data-live-pause]', HTMLButtonElement);
const said = find('[data-live-said]', HTMLElement);
const cut = find('[data-live-cut]', HTMLElement);
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

let paused = false;
let drawnAt = performance.now();
let saidAt = -Infinity;
let due: number | undefined;
let waiting = false;
let drawing = false;
let cutTimer: number | undefined;
let connected = false;
/** The newest change that was told, and until when the page is true, on the server's monotonic clock. */
let changedAt = 0;

const show = (words: string): void => {
  if (state !== undefined && state.textContent !== words) state.textContent = words;
  bar?.classList.toggle('kb-live--on', connected && !paused);
};

/** While the pointer or the focus is in a list its rows stay in the order in which they are. */
const keepOrder = (present: Element, next: Element): void => {
  const rows = present.querySelector('[data-rows]');
  const incoming = next.querySelector('[data-rows]');
  if (rows === null || incoming === null || !(rows.matches(':hover') || rows.contains(document.activeElement))) return;
  const places = new Map([...rows.children].map((row, i) => [row.id, i]));
  const sorted = [...incoming.children]
    .map((row) => ({ row, place: places.get(row.id) ?? Number.MAX_SAFE_INTEGER }))
    .toSorted((a, b) => a.place - b.place);
  incoming.replaceChildren(...sorted.map(({ row }) => row));
};

const replace = (next: Element): void => {
  const present = document.querySelector('#main-content');
  if (present === null) return;
  keepOrder(present, next);
  const before = present.querySelector('#sentence')?.textContent;
  const focused = document.activeElement;
  morphdom(present, next, {
    onBeforeElUpdated(from, to) {
      // What somebody is filling in, and what a script has put there, is not the server's to change.
      if (from.matches('[data-still]')) return false;
      if (from instanceof HTMLDetailsElement && to instanceof HTMLDetailsElement) to.open = from.open;
      to.classList.remove('kb-changed');
      if (from.isEqualNode(to)) return false;
      if (
        from.matches('tr.kb-row') &&
        from.querySelector('.kb-number')?.textContent !== to.querySelector('.kb-number')?.textContent
      )
        to.classList.add('kb-changed');
      return true;
    },
    onBeforeNodeDiscarded: (node) => !(node instanceof Element && node.matches('[data-still]')),
  });
  // An element that is moved loses the focus.
  if (focused instanceof HTMLElement && focused.isConnected && document.activeElement !== focused)
    focused.focus({ preventScroll: true });
  const after = present.querySelector('#sentence')?.textContent;
  if (
    said !== undefined &&
    after !== before &&
    typeof after === 'string' &&
    performance.now() - saidAt > SAY_EVERY_MS
  ) {
    said.textContent = after;
    saidAt = performance.now();
  }
};

const redraw = async (): Promise<void> => {
  due = undefined;
  if (paused || drawing || document.hidden) {
    waiting = true;
    return;
  }
  drawing = true;
  waiting = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-cache' });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const next = page.querySelector('#main-content');
    if (!(next instanceof HTMLElement) || paused) return;
    replace(next);
    // Drawn for somebody else a moment before the change: ask once more.
    if (Number(next.dataset['asOf']) < changedAt) waiting = true;
    document.title = page.title;
    show(`Live, updated ${clock.format(new Date())}`);
  } catch {
    // The network is away; the connection notices by itself and the banner says so.
  } finally {
    drawnAt = performance.now();
    drawing = false;
    if (waiting) plan();
  }
};

const plan = (): void => {
  due ??= window.setTimeout(() => void redraw(), Math.max(0, REDRAW_EVERY_MS - (performance.now() - drawnAt)));
};

const setCut = (isCut: boolean): void => {
  if (cut === undefined) return;
  cut.hidden = !isCut;
};

const listen = (): void => {
  const socket = io('/live');
  const sites = bar?.dataset['sites'] ?? '';
  socket.on('connect', () => {
    connected = true;
    // Perhaps another start of the server, with another clock.
    changedAt = 0;
    window.clearTimeout(cutTimer);
    cutTimer = undefined;
    setCut(false);
    socket.emit('watch', { as: 'changes', ...(sites === '' ? {} : { sites }) });
    show('Live');
    // Whatever happened while nobody listened.
    plan();
  });
  socket.on('change', ({ asOf }: { asOf: number }) => {
    changedAt = asOf;
    plan();
  });
  const lost = (): void => {
    connected = false;
    show('Not live: trying to connect');
    cutTimer ??= window.setTimeout(() => setCut(true), CUT_AFTER_MS);
  };
  socket.on('disconnect', (reason) => {
    lost();
    // The server cut us off for being slow or is going away: come back, but not at once.
    if (reason === 'io server disconnect') window.setTimeout(() => socket.connect(), CUT_AFTER_MS);
  });
  socket.on('connect_error', lost);
  window.setInterval(() => {
    if (performance.now() - drawnAt > REDRAW_ANYWAY_MS) plan();
  }, REDRAW_ANYWAY_MS / 4);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && waiting) plan();
  });
};

pause?.addEventListener('click', () => {
  paused = !paused;
  pause.textContent = paused ? 'Resume updates' : 'Pause updates';
  show(paused ? `Paused at ${clock.format(new Date())}` : 'Live');
  if (!paused) plan();
});
if (pause !== undefined) pause.hidden = false;
// For paper: where it is, as whoever prints it knows it.
for (const address of document.querySelectorAll('[data-address]')) address.textContent = location.href;
show('Connecting');
listen();
