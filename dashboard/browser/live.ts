import morphdom from 'morphdom';
import { io } from 'socket.io-client';
import { movesBetween } from './order.ts';
import { wordsFrom } from './words.ts';

/**
 * Keeps a page that was drawn by the server true while one looks at it. The server says which sites changed; the page
 * asks for itself again and what differs is replaced in place. Focus, open details and the pointer's row stay where
 * they are. While the connection is cut the page is asked for again now and then all the same. Without this script the
 * page works the same, by reloading.
 */

/** A page redraws itself at most so often. */
const REDRAW_EVERY_MS = 1_000;
/** Ages in words go on even where nothing happens. */
const REDRAW_ANYWAY_MS = 60_000;
/** A short break of the network is nobody's news. */
const CUT_AFTER_MS = 3_000;
/** So often is asked for the page while the connection is cut: where Socket.IO is stopped by a proxy, plain pages may come through. */
const POLL_EVERY_MS = 10_000;
/** A screen reader is told of a change of the overall state, and no more often than this. */
const SAY_EVERY_MS = 20_000;

const find = <E extends HTMLElement>(selector: string, kind: new () => E): E | undefined => {
  const found = document.querySelector(selector);
  return found instanceof kind ? found : undefined;
};

const bar = find('[data-live]', HTMLElement);
const state = find('[data-live-state]', HTMLElement);
const pause = find('[data-live-pause]', HTMLButtonElement);
const more = find('[data-live-waiting]', HTMLButtonElement);
const said = find('[data-live-said]', HTMLElement);
const cut = find('[data-live-cut]', HTMLElement);
const say = wordsFrom(bar?.dataset['words'], document.documentElement.lang);
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

let paused = false;
let drawnAt = performance.now();
let saidAt = -Infinity;
let sayTimer: number | undefined;
let due: number | undefined;
let waiting = false;
let drawing = false;
/** Somebody wants to see it now, however it looks then: although it is paused, and in another order. */
let wanted = false;
let cutTimer: number | undefined;
let connected = false;
/** The newest change that was told, and until when the page is true, on the server's monotonic clock. */
let changedAt = 0;
/** Places that changed while the page is paused. */
const changed = new Set<string>();

const show = (words: string): void => {
  if (state !== undefined && state.textContent !== words) state.textContent = words;
  bar?.classList.toggle('kb-live--on', connected && !paused);
};

/** Says how many changes are held back, with a way to see them; none: takes the way away. */
const offer = (count: number): void => {
  if (more === undefined) return;
  // A button that goes takes the focus with it.
  if (count === 0 && document.activeElement === more) pause?.focus();
  more.hidden = count === 0;
  const words = count === 0 ? '' : say('live.waiting', { count });
  if (more.textContent !== words) more.textContent = words;
};

/** While the pointer or the focus is in a list its rows stay in the order in which they are. Answers how many would have moved. */
const keepOrder = (present: Element, next: Element): number => {
  const rows = present.querySelector('[data-rows]');
  const incoming = next.querySelector('[data-rows]');
  if (rows === null || incoming === null || !(rows.matches(':hover') || rows.contains(document.activeElement)))
    return 0;
  const ids = [...rows.children].map(({ id }) => id);
  const moves = movesBetween(
    ids,
    [...incoming.children].map(({ id }) => id),
  );
  const places = new Map(ids.map((id, i) => [id, i]));
  const sorted = [...incoming.children]
    .map((row) => ({ row, place: places.get(row.id) ?? Number.MAX_SAFE_INTEGER }))
    .toSorted((a, b) => a.place - b.place);
  incoming.replaceChildren(...sorted.map(({ row }) => row));
  return moves;
};

/** Tells a screen reader how things are now, or at the end of the pause after the last time, if that is news then. */
const announce = (): void => {
  if (sayTimer !== undefined) return;
  sayTimer = window.setTimeout(
    () => {
      sayTimer = undefined;
      const sentence = document.querySelector('#sentence')?.textContent ?? '';
      if (said === undefined || sentence === '' || said.textContent === sentence || paused) return;
      said.textContent = sentence;
      saidAt = performance.now();
    },
    Math.max(0, saidAt + SAY_EVERY_MS - performance.now()),
  );
};

const replace = (next: Element, inOrder: boolean): void => {
  const present = document.querySelector('#main-content');
  if (present === null) return;
  offer(inOrder ? 0 : keepOrder(present, next));
  const before = present.querySelector('#sentence')?.textContent;
  const focused = document.activeElement;
  morphdom(present, next, {
    onBeforeElUpdated(from, to) {
      // What somebody is filling in, and what a script of its own keeps true, such as a map, is not the server's to change.
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
  if (present.querySelector('#sentence')?.textContent !== before) announce();
};

const redraw = async (): Promise<void> => {
  due = undefined;
  if ((paused && !wanted) || drawing || document.hidden) {
    waiting = true;
    return;
  }
  const asked = wanted;
  wanted = false;
  drawing = true;
  waiting = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-cache' });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const next = page.querySelector('#main-content');
    if (!(next instanceof HTMLElement) || (paused && !asked)) return;
    changed.clear();
    replace(next, asked);
    // Drawn for somebody else a moment before the change: ask once more.
    if (Number(next.dataset['asOf']) < changedAt && connected) waiting = true;
    document.title = page.title;
    const time = clock.format(new Date());
    show(
      paused
        ? say('live.paused', { time })
        : connected
          ? say('live.updated', { time })
          : say('live.polled', { time, seconds: POLL_EVERY_MS / 1000 }),
    );
  } catch {
    // The network is away; the connection notices by itself and the banner says so.
  } finally {
    drawnAt = performance.now();
    drawing = false;
    if (wanted || (waiting && !paused)) plan();
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
    if (!paused) show(say('live.live'));
    // Whatever happened while nobody listened.
    plan();
  });
  socket.on(
    'change',
    ({ asOf, sites: places, elsewhere }: { asOf: number; sites: readonly string[]; elsewhere: boolean }) => {
      changedAt = asOf;
      if (paused) {
        for (const place of elsewhere ? [...places, ''] : places) changed.add(place);
        offer(changed.size);
      }
      plan();
    },
  );
  const lost = (): void => {
    connected = false;
    if (cutTimer !== undefined) return;
    if (!paused) show(say('live.cut'));
    cutTimer = window.setTimeout(() => {
      setCut(true);
      plan();
    }, CUT_AFTER_MS);
  };
  socket.on('disconnect', (reason) => {
    lost();
    // The server cut us off for being slow or is going away: come back, but not at once.
    if (reason === 'io server disconnect') window.setTimeout(() => socket.connect(), CUT_AFTER_MS);
  });
  socket.on('connect_error', lost);
  window.setInterval(() => {
    const old = performance.now() - drawnAt;
    if (old > REDRAW_ANYWAY_MS || (!connected && old > POLL_EVERY_MS)) plan();
  }, POLL_EVERY_MS / 4);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && waiting) plan();
  });
};

pause?.addEventListener('click', () => {
  paused = !paused;
  pause.textContent = say(paused ? 'live.resume' : 'live.pause');
  show(
    paused ? say('live.paused', { time: clock.format(new Date()) }) : connected ? say('live.live') : say('live.cut'),
  );
  if (!paused) {
    offer(0);
    plan();
  }
});
more?.addEventListener('click', () => {
  wanted = true;
  void redraw();
});
if (pause !== undefined) pause.hidden = false;
show(say('live.connecting'));
listen();
