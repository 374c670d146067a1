import { Type } from 'typebox';
import { qualitySchema } from '../../device-profiles/quality/settings.ts';
import { deviceId, NotFound, siteId } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import type { QualitySubject } from '../../infra/registry/contract.ts';
import { closed, problems } from './answers.ts';
import type { ApiParts } from './parts.ts';

const places = [
  { path: '/sites/:id/quality', kind: 'site', name: 'Site' },
  { path: '/devices/:id/quality', kind: 'device', name: 'Device' },
] as const;

const subjectOf = (kind: QualitySubject['kind'], id: string): QualitySubject =>
  kind === 'site' ? { kind, id: siteId(id) } : { kind, id: deviceId(id) };

/** Thresholds of quality tests that were set for a site or a device, over those of profile and quantity. */
export const qualityRoutes = (api: Http, { registry, may, changesBy }: ApiParts): void => {
  const isThere = (subject: QualitySubject): boolean =>
    (subject.kind === 'site' ? registry.site(subject.id) : registry.device({ by: 'id', value: subject.id })) !==
    undefined;
  for (const { path, kind, name } of places) {
    api.get(
      path,
      {
        ...may.read,
        schema: {
          tags: ['quality'],
          operationId: `get${name}Quality`,
          summary: `The thresholds that were set for a ${kind}`,
          description: 'An empty object where none were set: then those of the profile hold. Needs `read`.',
          params: closed({ id: Type.String() }),
          response: { 200: { description: 'As they were set', ...qualitySchema }, ...problems(404) },
        },
      },
      ({ params: { id } }) => {
        const subject = subjectOf(kind, id);
        if (!isThere(subject)) throw new NotFound(`${kind}-unknown`, `no ${kind} ${JSON.stringify(id)} is registered`);
        return registry.quality().find((one) => one.subject.kind === kind && one.subject.id === id)?.settings ?? {};
      },
    );
    api.put(
      path,
      {
        ...may.manage,
        schema: {
          tags: ['quality'],
          operationId: `set${name}Quality`,
          summary: `Set thresholds for a ${kind}`,
          description:
            'They replace all that was set before; an empty object takes it back. They hold for what comes from now on. Needs `manage`.',
          params: closed({ id: Type.String() }),
          body: qualitySchema,
          response: { 200: { description: 'As they are now', ...qualitySchema }, ...problems(404) },
        },
      },
      async (request) =>
        (await changesBy(request).setQuality(subjectOf(kind, request.params.id), request.body)).settings,
    );
  }
};
