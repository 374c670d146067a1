import { alertId } from '../../../device-profiles/vocabulary/index.ts';
import type { AlertDeed } from '../../../infra/registry/contract.ts';
import { answered } from '../../alert-answers.ts';
import { again, changesOf, refusedAt } from '../accounts/parts.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import { wordsIn } from '../../words/index.ts';
import { languageOf } from '../language.ts';
import type { PageParts } from '../page.ts';
import { storyPage } from './story.ts';

/** The forms of the story of an alert: taking it up, and writing to it. `drawn.forget` shows the next one what was done. */
export const alertForms = (desk: Desk, parts: PageParts, drawn: { forget(): void }): void => {
  const deed = (name: string, field: string, done: string, work: (visit: Visit) => Promise<AlertDeed>): void =>
    desk.post(`/alerts/:id/${name}`, 'operate', async (visit): Promise<Shown> => {
      const id = visit.param('id');
      try {
        await answered(work(visit), parts);
      } catch (error) {
        const language = languageOf(visit.request, parts.config);
        const may = { language, mayRead: true, mayOperate: true, mayManage: visit.who.scopes.includes('manage') };
        const refused = refusedAt(field, error);
        return again(await storyPage(id, { ...may, done: undefined, note: visit.field('note') }, parts), [refused], {
          words: wordsIn(language),
        });
      }
      drawn.forget();
      return { to: `/alerts/${encodeURIComponent(id)}?done=${done}` };
    });
  deed('acknowledge', 'acknowledge', 'acknowledged', (visit) =>
    changesOf(parts, visit).acknowledgeAlert(alertId(visit.param('id'))),
  );
  deed('notes', 'note', 'noted', (visit) =>
    changesOf(parts, visit).noteAlert(alertId(visit.param('id')), visit.field('note')),
  );
};
