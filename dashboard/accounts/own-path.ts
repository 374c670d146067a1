/**
 * Where to go after signing in: a path of this server, or the first page. What begins with two slashes, or a slash and a
 * backslash, is another server to a browser; what cannot be read is nothing.
 */
export const ownPath = (text: string | undefined): string => {
  if (text === undefined || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.length > 1_000) return '/';
  if (!URL.canParse(text, 'http://own.invalid')) return '/';
  const { host, pathname, search } = new URL(text, 'http://own.invalid');
  return host === 'own.invalid' && !/^\/[/\\]/.test(pathname) ? `${pathname}${search}` : '/';
};
