const unitMs = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 7 * 86_400_000],
]);

const short = /^(\d{1,9})(s|m|h|d|w)$/;
const iso8601 = /^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/;

/**
 * Reads `15m`, `1h`, `1d` or ISO 8601 `PT15M`, `P1D`, `P1DT12H` as milliseconds. Undefined when it is none of these, or
 * nothing at all, or counts in months or years, which have no fixed length.
 */
export const durationMs = (text: string): number | undefined => {
  const [, count, unit] = short.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return positive(Number(count) * (unitMs.get(unit) ?? 0));
  const parts = iso8601.exec(text)?.slice(1);
  if (parts === undefined || text.endsWith('T')) return undefined;
  const lengths = ['w', 'd', 'h', 'm', 's'].map((unit) => unitMs.get(unit) ?? 0);
  return positive(parts.reduce((sum, part, i) => sum + Number(part ?? 0) * (lengths[i] ?? 0), 0));
};

const positive = (ms: number): number | undefined => (ms > 0 ? ms : undefined);
