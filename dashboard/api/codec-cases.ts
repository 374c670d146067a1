import { Type } from 'typebox';
import { iso, NotFound } from '../../device-profiles/vocabulary/index.ts';
import { vectorSchema } from '../../device-profiles/definition/schema.ts';
import { actorOf } from '../../infra/http/auth.ts';
import type { Http } from '../../infra/http/server.ts';
import type { CodecCase } from '../../infra/registry/contract.ts';
import { faultsOfCases, keepCase } from '../preview/cases.ts';
import { pastedShape, pastedUplink } from '../preview/pasted.ts';
import { time } from '../wire.ts';
import { trying } from '../limits.ts';
import { closed, problems } from './answers.ts';
import type { ApiParts } from './parts.ts';
import { profileNamed } from './previews.ts';

const tags = ['vocabulary'];
const Of = { maker: Type.String(), model: Type.String() };
const CaseOut = closed({
  id: Type.String(),
  vector: Type.Unsafe<CodecCase['vector']>({ ...vectorSchema, description: 'As an entry of vectors.yaml' }),
  at: time('When it was kept'),
  by: Type.String(),
  faults: Type.Array(Type.String(), {
    description: 'How what the profile makes of it now differs; empty where it holds',
  }),
});

const caseOut = ({ id, vector, at, by }: CodecCase, faults: readonly string[]) => ({
  id,
  vector,
  at: iso(at),
  by: by.name,
  faults: [...faults],
});

/** Messages of a model that people keep, with what its codec made of them then. */
export const codecCaseRoutes = (
  api: Http,
  { registry, catalogue, trialSandbox, clock, may, changesBy }: ApiParts,
): void => {
  const profileOf = ({ maker, model }: { readonly maker: string; readonly model: string }) =>
    profileNamed(catalogue, `${maker}/${model}`).trial(trialSandbox);
  api.get(
    '/profiles/:maker/:model/cases',
    {
      ...may.read,
      ...trying,
      schema: {
        tags,
        operationId: 'listCodecCases',
        summary: 'The cases of a profile that people keep',
        description: 'Each is decoded anew. Those that came with the profile are in its vectors.yaml. Needs `read`.',
        params: closed(Of),
        response: {
          200: closed({ cases: Type.Array(CaseOut) }, { description: 'In the order in which they were kept' }),
          ...problems(404, 429),
        },
      },
    },
    async (request) => {
      const profile = profileOf(request.params);
      const cases = await registry.codecCases(profile.id);
      const faults = await faultsOfCases(profile, cases);
      return { cases: cases.map((one, index) => caseOut(one, faults[index] ?? [])) };
    },
  );
  api.post(
    '/profiles/:maker/:model/cases',
    {
      ...may.manage,
      ...trying,
      schema: {
        tags,
        operationId: 'addCodecCase',
        summary: 'Keep a payload as a case of a profile',
        description: 'With what the profile makes of it now, without the settings of a device. Needs `manage`.',
        params: closed(Of),
        body: closed({ name: Type.String({ maxLength: 200 }), ...pastedShape }),
        response: { 201: { ...CaseOut, description: 'Kept' }, ...problems(404, 409, 429) },
      },
    },
    async (request, reply) => {
      const { name, ...payload } = request.body;
      const uplink = pastedUplink(payload, clock.now());
      return reply.status(201).send(
        caseOut(
          await keepCase(changesBy(request), profileOf(request.params), {
            uplink,
            name,
            by: actorOf(registry, request),
          }),
          [],
        ),
      );
    },
  );
  api.delete(
    '/profiles/:maker/:model/cases/:name',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'removeCodecCase',
        summary: 'Remove a case that somebody kept',
        description: 'Needs `manage`.',
        params: closed({ ...Of, name: Type.String() }),
        response: { 204: Type.Null({ description: 'Removed' }), ...problems(404) },
      },
    },
    async (request, reply) => {
      const { id: profile } = profileOf(request.params);
      const { name } = request.params;
      const found = (await registry.codecCases(profile)).find(({ vector }) => vector.name === name);
      if (found === undefined)
        throw new NotFound('codec-case-unknown', `${profile} has no case ${JSON.stringify(name.slice(0, 80))}`);
      await changesBy(request).removeCodecCase(profile, found.id);
      return reply.status(204).send(null);
    },
  );
};
