import { siteId } from '../../../device-profiles/vocabulary/index.ts';
import type { Desk, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { paged } from '../paging.ts';
import { again, changesOf, fresh, refusedAt, type AccountParts } from './parts.ts';
import { englishWords } from '../../words/index.ts';

const openWords = {
  everything: 'Everybody sees all sites, published or not: dashboard.open is set to everything.',
  published: 'Everybody sees the published sites; the others only after signing in.',
  nothing: 'Nobody sees a site without signing in, published or not: dashboard.open is set to nothing.',
} as const;

const publishPage = ({ registry, config }: AccountParts, visit: Visit): Page => {
  const sites = registry.sites();
  const shown = paged(sites, visit.query('page'), (n) => `/manage/publish?page=${n}`, englishWords);
  return {
    template: 'accounts/publish',
    title: 'Published sites',
    section: 'manage',
    content: {
      rule: openWords[config.dashboard.open],
      published: sites.filter(({ published }) => published === true).length,
      total: sites.length,
      page: visit.query('page') ?? '',
      sites: {
        ...shown,
        rows: shown.rows.map(({ id, name, published }) => ({
          id,
          name,
          published: published === true,
          href: `/sites/${encodeURIComponent(id)}`,
        })),
      },
    },
  };
};

/** Which sites everybody may see. */
export const publishPages = (desk: Desk, parts: AccountParts): void => {
  desk.get('/manage/publish', 'manage', (visit) => fresh(publishPage(parts, visit)));
  desk.post('/manage/publish', 'manage', async (visit) => {
    try {
      const changes = changesOf(parts, visit);
      await changes.updateSite(siteId(visit.field('site')), { published: visit.field('published') === 'yes' });
    } catch (error) {
      return again(publishPage(parts, visit), [refusedAt('sites', error)]);
    }
    const page = /^\d{1,4}$/.test(visit.field('page')) ? `?page=${visit.field('page')}` : '';
    return { to: `/manage/publish${page}` };
  });
};
