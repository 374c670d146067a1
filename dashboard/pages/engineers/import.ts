import { KerbsideError, Unavailable } from '../../../device-profiles/vocabulary/index.ts';
import { badRowsCsv } from '../../../infra/device-csv/bad-rows.ts';
import { importDevices, profileByOtherName, type Import } from '../../../infra/device-csv/import.ts';
import { importReport } from '../../../infra/device-csv/report.ts';
import { FILE_AT_MOST_BYTES } from '../../../infra/device-csv/text.ts';
import { csvText } from '../../../infra/device-csv/write.ts';
import { again, changesOf, fresh, refusedAt } from '../accounts/parts.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { paged } from '../paging.ts';
import { ownerOf, type EngineerParts } from './parts.ts';
import { openUploads, type Upload } from './uploads.ts';
import { englishWords } from '../../words/index.ts';

const HREF = '/engineer/import';
/** What a browser puts around a file. */
const AROUND_BYTES = 65_536;

const uploadPage = (): Page => ({
  template: 'engineers/import',
  title: 'Register many sensors at once',
  section: 'engineer',
  content: { template: '/api/v1/devices/template', megabytes: FILE_AT_MOST_BYTES / 1024 / 1024 },
});

/** A file in pieces, so that reading it does not keep others waiting. */
const SLICE_BYTES = 65_536;
function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

const reportPage = (
  done: Import,
  upload: Upload,
  { applied, page }: { readonly applied: boolean; readonly page: string | undefined },
): Page => {
  const { totals, rows, keysKept, keysLeftOut, columnsUnused } = importReport(done, { dryRun: !applied });
  const href = `${HREF}/${upload.id}`;
  // What is wrong comes first, then what changes; what stays as it is needs no line.
  const shown = paged(
    [
      ...rows.filter(({ outcome }) => outcome === 'bad'),
      ...rows.filter(({ outcome }) => outcome === 'new' || outcome === 'changed'),
    ],
    page,
    (n) => `${href}?page=${n}`,
    englishWords,
  );
  return {
    template: 'engineers/import-report',
    title: applied ? 'What was registered' : 'What would be registered',
    section: 'engineer',
    content: {
      applied,
      file: upload.name.slice(0, 120),
      totals,
      keysKept,
      keysLeftOut,
      columnsUnused,
      href,
      start: HREF,
      tokens: done.tokens.length,
      credentials: applied ? csvText([['id', 'token'], ...done.tokens.map(({ id, token }) => [id, token])], ',') : '',
      report: applied
        ? { ...shown, links: undefined, rows: shown.rows.map(rowView) }
        : { ...shown, rows: shown.rows.map(rowView) },
    },
  };
};

const outcomeWords = { new: 'New', changed: 'Changes', unchanged: 'Stays', bad: 'Bad' } as const;

const rowView = ({ line, id, outcome, changes, faults }: ReturnType<typeof importReport>['rows'][number]) => ({
  line,
  id,
  bad: outcome === 'bad',
  outcome: outcomeWords[outcome],
  changes: changes.map(({ column, from, to }) => `${column}: ${from ?? 'nothing'} → ${to}`),
  faults: faults.map(({ column, reason, detail }) => ({ column, reason, detail })),
});

/** Many sensors from a CSV file: sent, tried, looked at, and taken. */
export const importPages = (desk: Desk, parts: EngineerParts): void => {
  const uploads = openUploads(parts.clock);
  let isRunning = false;
  const run = async (
    visit: Visit,
    upload: Upload,
    options: { readonly dryRun: boolean; readonly goodRowsOnly: boolean },
  ): Promise<Import> => {
    // One at a time: each holds its whole file and all its rows.
    if (isRunning) throw new Unavailable('import-running', 'Another file is being read: try again when it is done');
    isRunning = true;
    try {
      return await importDevices(slices(upload.bytes), changesOf(parts, visit), {
        ...options,
        withKeys: upload.withKeys,
        profileOf: profileByOtherName(parts.catalogue.list()),
      });
    } finally {
      isRunning = false;
    }
  };
  /** Does something with the file that is meant; where it is kept no more, the form for another one says so. */
  const withUpload = async (visit: Visit, work: (upload: Upload) => Promise<Shown>): Promise<Shown> => {
    try {
      return await work(uploads.get(visit.param('id'), ownerOf(visit).id));
    } catch (error) {
      if (!(error instanceof KerbsideError) || error.code !== 'upload-gone') throw error;
      return again(uploadPage(), [refusedAt('file', error)], { status: 400 });
    }
  };
  const trial = async (visit: Visit, upload: Upload): Promise<Import> =>
    run(visit, upload, { dryRun: true, goodRowsOnly: false });
  const take = async (visit: Visit, upload: Upload): Promise<Shown> => {
    const done = await run(visit, upload, { dryRun: false, goodRowsOnly: visit.field('goodRowsOnly') === 'yes' });
    if (!done.applied) {
      const page = reportPage(done, upload, { applied: false, page: undefined });
      return again(page, [
        {
          field: 'report',
          text: `${done.totals.bad} of ${done.totals.rows} rows are bad, so that nothing was changed: mend them, or take only the good rows`,
        },
      ]);
    }
    uploads.drop(upload.id);
    return fresh(reportPage(done, upload, { applied: true, page: undefined }));
  };
  desk.get(HREF, 'manage', () => fresh(uploadPage()));
  desk.post(
    HREF,
    'manage',
    async (visit) => {
      const file = await visit.file('file');
      if (file === undefined) return again(uploadPage(), [{ field: 'file', text: 'Choose a CSV file' }]);
      const upload = uploads.keep({ account: ownerOf(visit).id, ...file, withKeys: visit.field('withKeys') === 'yes' });
      try {
        // A file that cannot be read at all is said at once.
        await trial(visit, upload);
      } catch (error) {
        if (!(error instanceof KerbsideError) || error instanceof Unavailable) throw error;
        uploads.drop(upload.id);
        return again(uploadPage(), [refusedAt('file', error)]);
      }
      return { to: `${HREF}/${upload.id}` };
    },
    { bodyBytes: FILE_AT_MOST_BYTES + AROUND_BYTES },
  );
  desk.get(`${HREF}/:id`, 'manage', (visit) =>
    withUpload(visit, async (upload) =>
      fresh(reportPage(await trial(visit, upload), upload, { applied: false, page: visit.query('page') })),
    ),
  );
  desk.get(`${HREF}/:id/bad-rows`, 'manage', (visit) =>
    withUpload(visit, async (upload) => {
      const { rows, file } = await trial(visit, upload);
      return { file: { name: 'bad-rows.csv', type: 'text/csv; charset=utf-8', body: badRowsCsv(rows, file) } };
    }),
  );
  desk.post(`${HREF}/:id`, 'manage', (visit) => withUpload(visit, (upload) => take(visit, upload)));
};
