import morphdom from 'morphdom';

/**
 * For pages that one works with in the street: what a device sends appears as it comes, a run's progress goes on, and the
 * position is filled in. What changes is drawn by the server; without this script one reloads the page.
 */

/** A page redraws itself at most so often. */
const REDRAW_EVERY_MS = 1_000;
/** Ages in words go on even where nothing happens. */
const REDRAW_ANYWAY_MS = 30_000;
/** How often something that is under way is asked for. */
const ASK_EVERY_MS = 2_000;

const find = <E extends Element>(selector: string, kind: new () => E): E | undefined => {
  const found = document.querySelector(selector);
  return found instanceof kind ? found : undefined;
};

const bar = find('[data-follow-bar]', HTMLElement);
const state = find('[data-follow-state]', HTMLElement);
const pause = find('[data-follow-pause]', HTMLButtonElement);
const followed = (): HTMLElement | undefined => find('#followed', HTMLElement);
/** Whether there is something to follow; no more once a run is over. */
const isFollowing = (): boolean => followed()?.hasAttribute('data-follow') ?? false;

let paused = false;
let drawnAt = performance.now();
let due: number | undefined;
let drawing = false;
let again = false;

const show = (words: string): void => {
  if (state !== undefined && state.textContent !== words) state.textContent = words;
  bar?.querySelector('.kb-live')?.classList.toggle('kb-live--on', words === 'Live');
};

const redraw = async (): Promise<void> => {
  due = undefined;
  if (paused || drawing || document.hidden) {
    again = true;
    return;
  }
  drawing = true;
  again = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
    const drawn = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const next = drawn.querySelector('#followed');
    const present = followed();
    if (answer.ok && next !== null && present !== undefined && !paused)
      morphdom(present, next, {
        onBeforeElUpdated(from, to) {
          if (from instanceof HTMLDetailsElement && to instanceof HTMLDetailsElement) to.open = from.open;
          return !from.isEqualNode(to);
        },
      });
    // As of when all of it is true stands below it.
    const asAt = drawn.querySelector('.kb-as-at');
    if (answer.ok && asAt !== null && !paused) document.querySelector('.kb-as-at')?.replaceWith(asAt);
    if (bar !== undefined) bar.hidden = !isFollowing();
  } catch {
    show('Not live: trying to connect');
  } finally {
    drawnAt = performance.now();
    drawing = false;
    if (again) plan();
  }
};

const plan = (): void => {
  due ??= window.setTimeout(() => void redraw(), Math.max(0, REDRAW_EVERY_MS - (performance.now() - drawnAt)));
};

/** The stream of a device's uplinks; nothing where the page follows something else. */
const listen = (): void => {
  const path = followed()?.dataset['follow'] ?? '';
  if (path === '') {
    show('Live');
    return;
  }
  const events = new EventSource(path);
  events.addEventListener('open', () => {
    show('Live');
    // Whatever came between the drawing of the page and now.
    plan();
  });
  events.addEventListener('uplink', plan);
  events.addEventListener('error', () =>
    show(events.readyState === EventSource.CLOSED ? 'Not live: reload the page' : 'Not live: trying to connect'),
  );
};

pause?.addEventListener('click', () => {
  paused = !paused;
  pause.textContent = paused ? 'Resume updates' : 'Pause updates';
  show(paused ? 'Paused' : 'Live');
  if (!paused) plan();
});

if (isFollowing()) {
  listen();
  window.setInterval(() => {
    if (!isFollowing()) return;
    const isUnderWay = followed()?.hasAttribute('data-under-way') ?? false;
    if (performance.now() - drawnAt > (isUnderWay ? ASK_EVERY_MS : REDRAW_ANYWAY_MS) - 100) plan();
  }, ASK_EVERY_MS);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && again) plan();
  });
  if (bar !== undefined) bar.hidden = false;
}

// The position of whoever stands beside the device.
const locate = find('[data-locate]', HTMLButtonElement);
const located = find('[data-locate-said]', HTMLElement);
const fill = (id: string, value: string): void => {
  const input = find(`#${id}`, HTMLInputElement);
  if (input !== undefined) input.value = value;
};
const tell = (words: string): void => {
  if (located !== undefined) located.textContent = words;
};
locate?.addEventListener('click', () => {
  tell('Looking for the position.');
  navigator.geolocation.getCurrentPosition(
    ({ coords: { latitude, longitude, accuracy } }) => {
      fill('latitude', latitude.toFixed(6));
      fill('longitude', longitude.toFixed(6));
      fill('easting', '');
      fill('northing', '');
      tell(`The position is filled in, accurate to about ${Math.max(1, Math.round(accuracy))} m.`);
    },
    () => tell('The position is not to be had: allow it in the browser, wait for a better signal, or type it.'),
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 },
  );
});
if (locate !== undefined && 'geolocation' in navigator && window.isSecureContext) locate.hidden = false;
