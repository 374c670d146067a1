/** Somebody with a browser and without JavaScript: keeps cookies, follows redirections, fills in forms as they are. */
export interface Visitor {
  /** Cookies by name. */
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Seen>;
  /** Sends the form of a page whose action this is, with these fields in place of those that it has. */
  send(page: Seen, action: string, fields?: Fields): Promise<Seen>;
  /** Sends any fields anywhere. */
  post(path: string, fields: Fields, headers?: Readonly<Record<string, string>>): Promise<Seen>;
}
type Fields = Readonly<Record<string, string | readonly string[]>>;

/** A page as it came, redirections followed. */
export interface Seen {
  readonly status: number;
  /** The path and query where it came from in the end. */
  readonly path: string;
  readonly text: string;
  readonly headers: Headers;
}

export const openVisitor = (base: string): Visitor => {
  const cookies = new Map<string, string>();
  const call = async (
    path: string,
    init: { readonly method?: string; readonly body?: string; readonly headers: Readonly<Record<string, string>> },
    hops = 0,
  ): Promise<Seen> => {
    const url = new URL(path, base);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...init.headers },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const to = answer.headers.get('location');
    if (to !== null && answer.status >= 300 && answer.status < 400) {
      if (hops > 5) throw new Error(`${path} redirects in circles`);
      const next = new URL(to, url);
      if (next.origin !== url.origin)
        return { status: answer.status, path: next.href, text: '', headers: answer.headers };
      return call(`${next.pathname}${next.search}`, { headers: {} }, hops + 1);
    }
    return {
      status: answer.status,
      path: `${url.pathname}${url.search}`,
      text: await answer.text(),
      headers: answer.headers,
    };
  };
  const post: Visitor['post'] = (path, fields, headers = {}) => {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
    return call(path, {
      method: 'POST',
      body: body.toString(),
      headers: { origin: base, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  };
  return {
    cookies,
    get: (path, headers = {}) => call(path, { headers }),
    post,
    send: (page, action, fields = {}) => {
      const form = page.text.split('<form ').find((part) => part.includes(`action="${action}"`));
      if (form === undefined) throw new Error(`${page.path} has no form for ${action}: ${page.text.slice(0, 2000)}`);
      const hidden = [
        ...form
          .split('</form>', 1)
          .join('')
          .matchAll(/<input type="hidden" name="([^"]+)"(?: autocomplete="\w+")? value="([^"]*)"/g),
      ];
      return post(action, {
        ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, unescaped(value)])),
        ...fields,
      });
    },
  };
};

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

export const GOOD_PASSWORD = 'otter lamp violin gravel';

/** Signs somebody in by a link, and answers where he ended. */
export const joinBy = async (visitor: Visitor, token: string, fields: Fields = {}): Promise<Seen> =>
  visitor.send(await visitor.get(`/join/${token}`), `/join/${token}`, {
    name: 'Ada Brightwater',
    email: 'ada@example.org',
    password: GOOD_PASSWORD,
    repeated: GOOD_PASSWORD,
    ...fields,
  });

/** Signs in with a password. */
export const signIn = async (visitor: Visitor, email: string, password = GOOD_PASSWORD): Promise<Seen> =>
  visitor.send(await visitor.get('/sign-in'), '/sign-in', { email, password });
