import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { Unavailable } from '../../device-profiles/vocabulary/index.ts';
import { importDevices, profileByOtherName, type Import } from '../../infra/device-csv/import.ts';
import { importReportJson } from '../../infra/device-csv/report.ts';
import { FILE_AT_MOST_BYTES } from '../../infra/device-csv/text.ts';
import { templateCsv } from '../../infra/device-csv/write.ts';
import type { Http } from '../../infra/http/server.ts';
import { rowOutcomes } from '../../infra/registry/bulk/contract.ts';
import { oneOf, textOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import type { ApiParts } from './parts.ts';

const tags = ['devices'];

const count = (description: string) => Type.Integer({ minimum: 0, description });
const report = {
  applied: Type.Boolean({ description: 'Whether the good rows are as they say now' }),
  dryRun: Type.Boolean(),
  totals: closed({
    rows: count('new + changed + unchanged + bad'),
    new: count('Devices that are registered'),
    changed: count('Devices that change, move, or whose site changes'),
    unchanged: count('Devices that are as their row says'),
    bad: count('Rows that cannot be taken'),
    sitesNew: count('Sites that are registered'),
    sitesChanged: count('Sites that change'),
    keysSet: count('Devices, new or known, of which LoRaWAN keys are kept that were not'),
  }),
  keysKept: Type.Array(Type.String(), {
    description: 'Columns with LoRaWAN keys and DevAddrs that are kept, encrypted; only with `withKeys`',
  }),
  keysLeftOut: Type.Array(Type.String(), {
    description: 'Columns with keys of a network server: neither read nor kept',
  }),
  nwkSKeyLeftOut: Type.Array(Type.Integer(), {
    description: 'Lines whose f_nwk_s_int_key is not kept though keys are: their device is not of LoRaWAN 1.0',
  }),
  columnsUnused: Type.Array(Type.String(), { description: 'Columns that are known and of no use here' }),
  rows: Type.Array(
    closed({
      line: Type.Integer({ description: 'Where the row begins, counted from 1' }),
      id: textOrNull({ description: 'The device' }),
      outcome: oneOf(rowOutcomes),
      changes: Type.Array(closed({ column: Type.String(), from: textOrNull({}), to: Type.String() }), {
        description: 'Of a known device and its site; a key is `***`, before and after',
      }),
      faults: Type.Array(
        closed({
          column: textOrNull({ description: 'Null: the row as a whole' }),
          reason: Type.String({ description: 'Stable; docs/errors.md lists them' }),
          detail: Type.String(),
        }),
        { description: 'Everything that is wrong with the row' },
      ),
    }),
    { description: 'What becomes of each row, in their order' },
  ),
};
const credentials = Type.Array(closed({ id: Type.String(), token: Type.String() }), {
  description: 'Tokens of the new devices. Shown this once and kept only as hashes',
});
const ImportOut = closed({ ...report, credentials }, { description: 'What became of the file' });
const Refused = closed({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: '`rows-bad`' }),
  detail: Type.String(),
  instance: Type.String(),
  report: closed(report),
});

const importSchema = {
  tags,
  operationId: 'importDevices',
  summary: 'Register, change and move many devices from a CSV file',
  description:
    'All rows or none, unless `goodRowsOnly`; the same file again changes nothing. Columns as `GET /api/v1/devices/template` ' +
    'gives them, or the end-device CSV of The Things Stack. Empty cells leave what is there. ' +
    'Keys are left out, unless `withKeys`; they stand in no answer. Needs `manage`.',
  querystring: closed({
    dryRun: Type.Optional(Type.Boolean({ description: 'Say what would become of each row, and change nothing' })),
    goodRowsOnly: Type.Optional(Type.Boolean({ description: 'Take the good rows and leave the bad ones' })),
    withKeys: Type.Optional(
      Type.Boolean({
        description:
          'Keep LoRaWAN keys too, encrypted: app_key, nwk_key, app_s_key, nwk_s_key (f_nwk_s_int_key) and dev_addr',
      }),
    ),
  }),
  body: {
    content: {
      'text/csv': {
        schema: Type.Unknown({
          description: `UTF-8, or UTF-16 with a byte order mark; at most ${FILE_AT_MOST_BYTES / 1024 / 1024} MB and 50,000 rows`,
        }),
      },
    },
  },
  response: {
    200: ImportOut,
    422: {
      description: 'Rows are bad, and nothing was changed; `report` says which and why',
      content: { 'application/problem+json': { schema: Refused } },
    },
    ...problems(),
  },
};

/** Many devices at once, as a CSV file; and the file to begin with. */
export const deviceImportRoutes = (api: Http, parts: ApiParts): void => {
  api.get(
    '/devices/template',
    {
      ...parts.may.manage,
      schema: {
        tags,
        operationId: 'deviceTemplate',
        summary: 'The CSV file that an import begins with',
        description: 'The columns, and a row that shows how each is written. Needs `manage`.',
        response: {
          200: { description: 'A CSV file', content: { 'text/csv': { schema: Type.String() } } },
          ...problems(),
        },
      },
    },
    async (_request, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('Content-Disposition', 'attachment; filename="devices.csv"')
        .send(templateCsv()),
  );
  // A scope of its own: no other route takes CSV, or a body of this size.
  void api.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'text/csv',
      { parseAs: 'buffer', bodyLimit: FILE_AT_MOST_BYTES },
      (_request, body, done) => done(null, body),
    );
    importRoute(scope, parts);
  });
};

const importRoute = (api: Http, { may, changesBy, catalogue }: ApiParts): void => {
  let isRunning = false;
  api.post(
    '/devices/import',
    { ...may.manage, bodyLimit: FILE_AT_MOST_BYTES, schema: importSchema },
    async (request, reply) => {
      // One at a time: each holds its whole file, and the second would wait for the first one's transaction anyway.
      if (isRunning) throw new Unavailable('import-running', 'another import is running: try again when it is done');
      isRunning = true;
      try {
        const { dryRun = false, goodRowsOnly = false, withKeys = false } = request.query;
        const done = await importDevices(slices(request.body), changesBy(request), {
          dryRun,
          goodRowsOnly,
          withKeys,
          profileOf: profileByOtherName(catalogue.list()),
        });
        void reply.header('Cache-Control', 'no-store');
        if (!done.applied && !dryRun)
          return inPieces(reply.status(422).type('application/problem+json'), refusal(done, request.url));
        return inPieces(
          reply.type('application/json; charset=utf-8'),
          importReportJson(done, { dryRun }, { credentials: done.tokens }),
        );
      } finally {
        isRunning = false;
      }
    },
  );
};

/** An answer that is JSON text already, which the type that its schema gives it does not know. */
const inPieces = <Reply extends { send(payload: unknown): unknown }>(
  reply: Reply,
  pieces: AsyncIterable<string>,
): Reply => {
  reply.send(Readable.from(pieces));
  return reply;
};

/** A body in pieces, so that reading it does not keep others waiting. */
const SLICE_BYTES = 65_536;
function* slices(body: unknown): Generator<Uint8Array> {
  if (!(body instanceof Uint8Array)) return;
  for (let at = 0; at < body.length; at += SLICE_BYTES) yield body.subarray(at, at + SLICE_BYTES);
}

async function* refusal(done: Import, instance: string): AsyncGenerator<string> {
  const head = {
    ...problem(422, 'rows-bad'),
    title: 'Rows of the file are bad',
    detail: `${done.totals.bad} of ${done.totals.rows} rows are bad, so nothing was changed: mend them, or send the file with goodRowsOnly=true`,
    instance,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"report":`;
  yield* importReportJson(done, {});
  yield '}';
}

const problem = (status: number, code: string) => ({ type: `https://kerbside.example/problems/${code}`, status, code });
