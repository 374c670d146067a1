import { Type } from 'typebox';
import type { Http } from '../../infra/http/server.ts';
import { labelDevices } from '../labels/devices.ts';
import { labelSheets } from '../labels/index.ts';
import { closed, problems } from './answers.ts';
import type { ApiParts } from './parts.ts';

/** Ten sheets of 21, an eighth of a second of the one thread; whoever prints more does it at the command line. */
const LABELS_AT_MOST = 210;

/** Sheets of labels with QR codes, ready to print. */
export const labelRoutes = (api: Http, { registry, catalogue, clock, publicUrl, may }: ApiParts): void => {
  api.get(
    '/labels',
    {
      ...may.read,
      schema: {
        tags: ['devices'],
        operationId: 'printLabels',
        summary: 'Labels with QR codes',
        description:
          `A page of A4 sheets for a browser to print, at most ${LABELS_AT_MOST} labels. The code of a LoRaWAN device is its ` +
          'TR005 text, that of another the address of its page here. No token is ever on a label. Needs `read`.',
        querystring: closed({
          ids: Type.Optional(
            Type.String({ maxLength: 20_000, description: 'Only these devices, with commas, in this order' }),
          ),
          site: Type.Optional(Type.String({ maxLength: 64, description: 'Only the devices at this site' })),
          sheet: Type.Optional(
            Type.String({ maxLength: 4, description: 'Labels a sheet: 21, 24 or 8; 21 unless given' }),
          ),
          skip: Type.Optional(
            Type.Integer({ minimum: 0, maximum: 23, description: 'Places of the first sheet that are used already' }),
          ),
          outlines: Type.Optional(Type.Boolean({ description: 'Lines to cut along, for plain paper' })),
        }),
        response: {
          200: { description: 'One page of HTML without scripts', content: { 'text/html': { schema: Type.String() } } },
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const { ids, ...wanted } = request.query;
      const { html, policy } = labelSheets({
        devices: labelDevices(registry, catalogue, clock.now()),
        sites: registry.sites(),
        ...wanted,
        ids: ids
          ?.split(',')
          .map((id) => id.trim())
          .filter((id) => id !== ''),
        base: publicUrl,
        atMost: LABELS_AT_MOST,
      });
      return reply.header('Content-Security-Policy', policy).type('text/html; charset=utf-8').send(html);
    },
  );
};
