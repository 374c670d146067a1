import type { FastifyRequest } from 'fastify';
import type { Identity } from '../../infra/http/auth.ts';
import type { Language } from '../words/index.ts';
import { textIn } from './desk.ts';
import type { Asked } from './page.ts';

/**
 * Of an address only what pages know, so that nobody fills the memory with pages that differ in nothing but their
 * address.
 */
export const askedOf = ({ params, query }: FastifyRequest, { kind, scopes }: Identity, language: Language): Asked => ({
  mayRead: scopes.includes('read'),
  mayOperate: kind === 'person' && scopes.includes('operate'),
  mayManage: kind === 'person' && scopes.includes('manage'),
  language,
  id: textIn(params, 'id') ?? '',
  ...partsOf(query),
});
const partsOf = (query: unknown): Omit<Asked, 'mayRead' | 'mayOperate' | 'mayManage' | 'language' | 'id'> => {
  const part = (name: string): string | undefined => textIn(query, name)?.slice(0, PART_AT_MOST);
  return {
    page: part('page'),
    condition: part('condition'),
    before: part('before'),
    quantity: part('quantity'),
    time: part('time'),
    range: part('range'),
    from: part('from'),
    to: part('to'),
    device: part('device'),
    of: part('of'),
    by: part('by'),
    q: part('q'),
    borough: part('borough'),
    ward: part('ward'),
    state: part('state'),
    site: part('site'),
    rule: part('rule'),
    since: part('since'),
    done: part('done'),
    // Ids of several sites.
    sites: textIn(query, 'sites')?.slice(0, 5 * PART_AT_MOST),
    add: part('add'),
    past: part('past'),
    every: part('every'),
    hold: part('hold'),
  };
};
/** Letters of a part of an address; the longest is a name that is searched for. */
const PART_AT_MOST = 200;

/** Where a page is, of its address only what pages know: what is printed on paper, for everybody the same. */
export const addressOf = ({ url }: FastifyRequest, asked: Asked): string => {
  const {
    mayRead: _mayRead,
    mayOperate: _mayOperate,
    mayManage: _mayManage,
    language: _language,
    id: _id,
    ...known
  } = asked;
  const query = new URLSearchParams();
  for (const [name, text] of Object.entries(known)) if (text !== undefined && text !== '') query.set(name, text);
  const [path = '/'] = url.split('?');
  return query.size === 0 ? path : `${path}?${query.toString()}`;
};
