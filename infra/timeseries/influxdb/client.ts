import { StoreUnavailable } from '../errors.ts';
import { resultsIn, type Result, type Series } from './answer.ts';

export interface InfluxOptions {
  /** `http://127.0.0.1:8086` */
  readonly url: string;
  readonly database: string;
  /** A token of InfluxDB 2 or 3, or `user:password` of 1.x. */
  readonly token?: string;
  /** For a whole request, its answer included. */
  readonly timeoutMs: number;
}

/** What became of lines: all are durable, or the store will not have at least one of them, now or later. */
export type Sent = 'stored' | { readonly refused: string };

/** What a version answers to a statement that it does not have; 401, 403, 429 and the other 5xx may well pass. */
const REFUSALS: ReadonlySet<number> = new Set([400, 404, 405, 422, 500, 501]);

interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * InfluxDB over HTTP by the routes that 1.x, 2.x and 3.x all serve: `/write?db=` and `/query`. Each request is sent
 * here and its own answer awaited, where the official client sends full batches by itself and its `flush` resolves
 * before those are answered, and on a timeout gives up waiting but leaves the request open.
 */
export class InfluxClient {
  readonly #options: InfluxOptions;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: InfluxOptions) {
    this.#options = options;
    this.#headers = authorization(options.token);
  }

  /** @throws StoreUnavailable when nothing is known to be written: down, hanging, 5xx, no such database, not allowed. */
  async write(lines: readonly string[]): Promise<Sent> {
    const { status, body } = await this.#post(
      `/write?db=${encodeURIComponent(this.#options.database)}&precision=ms`,
      lines.join('\n'),
      'text/plain; charset=utf-8',
    );
    if (status === 204) return 'stored';
    // 400 unreadable, a field of another type, beyond the retention; 413 too large; 422 as 400 in some versions.
    if ((status === 400 || status === 413 || status === 422) && speaksInflux(body)) return { refused: reasonIn(body) };
    throw this.#unavailable(`answers ${status}: ${reasonIn(body)}`);
  }

  /**
   * Asks all statements at once; each has its tables.
   * @throws StoreUnavailable as `write`, or when one of them has no answer.
   */
  async query(statements: readonly string[]): Promise<readonly (readonly Series[])[]> {
    return (await this.tryQuery(statements)).map((result) => {
      if ('series' in result) return result.series;
      throw this.#unavailable(`answers a query with: ${result.error}`);
    });
  }

  /** As `query`, for statements that some versions do not know: those answer an error, here or as a status. */
  async tryQuery(statements: readonly string[]): Promise<readonly Result[]> {
    if (statements.length === 0) return [];
    const form = new URLSearchParams({ q: statements.join(';\n') }).toString();
    const { status, body } = await this.#post(
      `/query?db=${encodeURIComponent(this.#options.database)}&epoch=ms`,
      form,
      'application/x-www-form-urlencoded',
    );
    if (REFUSALS.has(status)) return statements.map(() => ({ error: `${status} ${reasonIn(body)}` }));
    if (status !== 200) throw this.#unavailable(`answers ${status}: ${reasonIn(body)}`);
    const results = resultsIn(body);
    if (results.length === statements.length) return results;
    throw this.#unavailable(`answers ${results.length} of ${statements.length} queries`);
  }

  async #post(path: string, body: string, type: string): Promise<Answer> {
    const { url, timeoutMs } = this.#options;
    try {
      const answer = await fetch(url.replace(/\/+$/, '') + path, {
        method: 'POST',
        headers: { ...this.#headers, 'content-type': type },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: answer.status, body: await answer.text() };
    } catch (error) {
      throw this.#unavailable(why(error), { cause: error });
    }
  }

  #unavailable(detail: string, options?: ErrorOptions): StoreUnavailable {
    return new StoreUnavailable(`InfluxDB at ${new URL(this.#options.url).host} ${detail}`, options);
  }
}

/** InfluxDB 1.6 knows no `Token`; a name and a password are sent the way each version reads them. */
const authorization = (token: string | undefined): Record<string, string> => {
  if (token === undefined) return {};
  return { authorization: token.includes(':') ? `Basic ${Buffer.from(token).toString('base64')}` : `Token ${token}` };
};

const why = (error: unknown): string => {
  if (!(error instanceof Error)) return 'does not answer';
  if (error.name === 'TimeoutError') return 'does not answer in time';
  const cause: unknown = error.cause;
  // Only a code: an error's own text may quote the URL.
  return cause instanceof Error && 'code' in cause ? `does not answer (${String(cause.code)})` : 'does not answer';
};

/** Each version answers a refused write in JSON with a word for it; a proxy or a stranger's port does not. */
const speaksInflux = (body: string): boolean => /^\s*\{.*"(?:error|message)"\s*:/s.test(body);

/** What a person needs of an error's text; the line it quotes is data and does not belong in a log. */
const REASON_CHARACTERS = 300;

const reasonIn = (body: string): string => {
  const text = /"(?:error|message)"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body;
  return text
    .replaceAll(/'[^']*'/g, "'...'")
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, REASON_CHARACTERS);
};
