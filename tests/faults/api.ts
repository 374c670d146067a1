import type { KerbsideServer } from '../servers/index.ts';

/** One observation as the API gives it out. */
export interface ApiObservation {
  readonly device: string;
  readonly site: string | null;
  readonly quantity: string;
  readonly unit: string;
  readonly time: string;
  readonly receivedAt: string;
  readonly value: number | null;
  readonly raw: number | null;
  readonly flag: number;
  readonly reason?: string;
}

/** All observations of a query, page by page. @throws when the server answers anything but 200. */
export const allObservations = async (
  { url }: Pick<KerbsideServer, 'url'>,
  key: string,
  query: Readonly<Record<string, string>>,
): Promise<ApiObservation[]> => {
  const all: ApiObservation[] = [];
  let after: string | undefined;
  do {
    const search = new URLSearchParams({ limit: '10000', ...query, ...(after === undefined ? {} : { cursor: after }) });
    const answer = await fetch(`${url}/api/v1/observations?${search.toString()}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
    const page = (await answer.json()) as { observations: ApiObservation[]; next: string | null };
    all.push(...page.observations);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return all;
};

/** The sum of a counter's samples whose labels contain all of these. */
export const counted = async (
  { url }: Pick<KerbsideServer, 'url'>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
};

/** Asks until it is so. @throws when it is not within the time. */
export const eventually = async (what: string, isSo: () => Promise<boolean>, withinMs = 30_000): Promise<void> => {
  const until = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
