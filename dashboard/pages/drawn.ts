/** Of the time of the one thread that also takes in uplinks, so much may go into drawing the same page again. */
const SHARE = 1 / 20;
/** Nobody is shown anything older than that, however long it took to draw. */
const AT_MOST_MS = 2_000;
/** Pages kept; about 100 kB each. */
const PAGES_AT_MOST = 50;

/** Pages as they were drawn last. */
export interface Drawn {
  /** The page under that key, drawn anew when it is older than 20 times what drawing it took, and 2 s at most. */
  page(key: string, draw: () => Promise<string>): Promise<string>;
  forget(): void;
}

/**
 * Everybody is shown the same pages, so that each is drawn once for all who ask at about the same time: a hundred
 * screens that are told of the same change cost one drawing, not a hundred.
 */
export const openDrawn = (now: () => number = () => performance.now()): Drawn => {
  const kept = new Map<string, { readonly html: Promise<string>; until: number }>();
  return {
    page(key, draw) {
      const known = kept.get(key);
      const started = now();
      if (known !== undefined && started < known.until) return known.html;
      const html = draw();
      const entry = { html, until: Infinity };
      kept.delete(key);
      kept.set(key, entry);
      const [oldest] = kept.keys();
      if (kept.size > PAGES_AT_MOST && oldest !== undefined) kept.delete(oldest);
      void settle();
      return html;

      async function settle(): Promise<void> {
        try {
          await html;
          const took = now() - started;
          entry.until = started + took + Math.min(took / SHARE, AT_MOST_MS);
        } catch {
          // Told to whoever asked; the next one tries anew.
          if (kept.get(key) === entry) kept.delete(key);
        }
      }
    },
    forget: () => kept.clear(),
  };
};
