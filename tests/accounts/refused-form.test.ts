import { expect, test } from 'vitest';
import { again } from '../../dashboard/pages/accounts/parts.ts';

test('the page of a refused form does not redraw itself: at its address there is nothing to ask for, and what was typed stays', () => {
  const shown = again(
    { template: 'alerts/story', title: 'A story', live: { sites: ['wrs-14'] }, content: { id: 'one' } },
    [{ field: 'note', text: 'It is empty' }],
  );
  expect(shown).toMatchObject({
    status: 422,
    page: {
      title: 'Error: A story',
      content: { id: 'one', heading: 'A story', errors: [{ text: 'It is empty', href: '#note' }] },
    },
  });
  expect('page' in shown ? shown.page.live : 'no page').toBeUndefined();
});
