import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { adviceIn } from '../../infra/averages/health-advice.ts';
import { averageSettings } from '../../infra/averages/settings.ts';
import { retentionOf } from '../../infra/timeseries/retention.ts';
import { actorOf, hasScope, identityOf, requireScope, stillHas } from '../../infra/http/auth.ts';
import { compression } from '../../infra/http/compress.ts';
import type { Scope } from '../../infra/registry/contract.ts';
import type { Http } from '../../infra/http/server.ts';
import type { DashboardParts } from '../parts.ts';
import { keepLimits } from '../limits.ts';
import { accountRoutes } from './accounts.ts';
import { alertRoutes } from './alerts.ts';
import { ProblemOut } from './answers.ts';
import { auditRoutes } from './audit.ts';
import { averageRoutes } from './averages.ts';
import { unregisteredRoutes } from './unregistered.ts';
import { claimRoutes } from './claims.ts';
import { codecCaseRoutes } from './codec-cases.ts';
import { compareRoutes } from './compare.ts';
import { credentialRoutes } from './credentials.ts';
import { lorawanKeyRoutes } from './lorawan-keys.ts';
import { calibrationRoutes } from './calibrations.ts';
import { deploymentRoutes } from './deployments.ts';
import { deviceImportRoutes } from './device-import.ts';
import { deviceRoutes } from './devices.ts';
import { explainRoutes } from './explain.ts';
import { downlinkRoutes } from './downlinks.ts';
import { footfallRoutes } from './footfall.ts';
import { keyRoutes } from './keys.ts';
import { labelRoutes } from './labels.ts';
import { gatewayRoutes } from './gateways.ts';
import { healthRoutes } from './health.ts';
import { networkServerRoutes } from './network-servers.ts';
import { indexRoutes } from './indices.ts';
import { objectiveRoutes } from './objectives.ts';
import { observationRoutes } from './observations.ts';
import { previewRoutes } from './previews.ts';
import type { ApiParts } from './parts.ts';
import { quarantineRoutes } from './quarantine.ts';
import { seeing, whoSees } from './seen.ts';
import { reprocessRoutes } from './reprocess.ts';
import { ruleRoutes } from './rules.ts';
import { scanRoutes } from './scans.ts';
import { qualityRoutes } from './quality.ts';
import { siteRoutes } from './sites.ts';
import { statusRoutes } from './status.ts';
import { summaryRoutes } from './summaries.ts';
import { uplinkHistoryRoutes } from './uplinks.ts';
import { checkedByTypebox } from './validate.ts';
import { vocabularyRoutes } from './vocabulary.ts';
import { watchRoutes } from './watch.ts';

const description = `Street sensors as measurements: devices, sites, observations, alerts.

Send an API key as \`Authorization: Bearer <key>\`; \`npx kerbside keys create\` makes one. Roles viewer and partner may \`read\`,
operators \`operate\` as well, engineers \`manage\`, administrators \`administer\`. Pages of this server may use the session of whoever is signed
in: for changes with the token of its forms in \`Kerbside-Form\`.
Lists are paged: give \`next\` as \`cursor\`, or follow the \`Link\` header. Times are UTC. Errors are RFC 9457
\`application/problem+json\` with a stable \`code\`. Live events are on Socket.IO, namespace \`/live\`, and over MQTT.`;

const tags = [
  { name: 'observations', description: 'What was observed' },
  { name: 'footfall', description: 'Counts of passages, by periods of UK time' },
  { name: 'calibrations', description: 'How the values of devices are corrected, from when, by whom and why' },
  {
    name: 'reprocessing',
    description: 'What is kept, run again after a codec, a mapping, a calibration or limits were corrected',
  },
  { name: 'averages', description: 'Means, the Daily Air Quality Index, and how a year stands against objectives' },
  { name: 'alerts', description: 'Rules, episodes in which they held, and what people did about them' },
  { name: 'status', description: 'How everything is' },
  { name: 'devices', description: 'Hardware that may speak to us' },
  { name: 'health', description: 'How devices are heard' },
  { name: 'gateways', description: 'By which gateways devices are heard, and what their network says' },
  {
    name: 'network servers',
    description: 'What LoRaWAN network servers bring, which devices are registered there, and commands to devices',
  },
  { name: 'sites', description: 'Places that are observed' },
  { name: 'quality', description: 'Thresholds of quality tests' },
  { name: 'quarantine', description: 'What could not become observations' },
  { name: 'accounts', description: 'People, and keys for programs' },
  { name: 'vocabulary', description: 'Quantities and models' },
  { name: 'uplinks', description: 'The HTTP door for devices' },
];

/**
 * Prepares the API's description: from now on each route of `http` that lies under `/api/` is in
 * `/api/v1/openapi.json` and on `/api/docs`.
 */
export const describeApi = async (http: Http): Promise<void> => {
  await http.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Kerbside', version: '1', description, license: { name: 'MIT', identifier: 'MIT' } },
      servers: [{ url: '/' }],
      tags,
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'An API key' },
          device: { type: 'http', scheme: 'basic', description: "A device's id and token" },
        },
      },
      security: [{ key: [] }],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) => (typeof json['$id'] === 'string' ? json['$id'] : `def-${i}`),
    },
    transform: ({ schema, url }) => ({ schema: url.startsWith('/api/') ? schema : { ...schema, hide: true }, url }),
  });
  http.addSchema(ProblemOut);
  http.get('/api/v1/openapi.json', { schema: { hide: true } }, () => http.swagger());
  await http.register(swaggerUi, {
    routePrefix: '/api/docs',
    // The layout without the bar of whoever made the viewer; the description is the one that programs read.
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true, layout: 'BaseLayout', url: '/api/v1/openapi.json' },
    theme: { title: 'Kerbside API' },
    // Swagger UI sets styles of single elements; scripts stay limited to its own files.
    transformStaticCSP: (header) =>
      header
        .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
        .replace("img-src 'self'", "img-src 'self' data:"),
  });
};

/** Registers the routes of `/api/v1` that read and manage; those by which devices send are the gateway's. */
export const api = async (
  http: Http,
  parts: Omit<
    ApiParts,
    'may' | 'identityOf' | 'seenBy' | 'changesBy' | 'publicUrl' | 'footfall' | 'averages' | 'advice' | 'retention'
  > &
    Pick<DashboardParts, 'registry' | 'config'>,
): Promise<void> => {
  await http.register(
    async (scope) => {
      await scope.register(compression.plugin, compression.options);
      await keepLimits(scope, parts.registry);
      const own = scope.withTypeProvider<TypeBoxTypeProvider>().setValidatorCompiler(checkedByTypebox);
      const mayRead = requireScope(parts.registry, 'read');
      const needs = (scope: Scope) => ({ onRequest: requireScope(parts.registry, scope) });
      const withAccess: ApiParts = {
        ...parts,
        averages: averageSettings(parts.config),
        advice: adviceIn(parts.config),
        retention: retentionOf(parts.config.timeseries),
        publicUrl: parts.config.http.publicUrl,
        footfall: parts.config.footfall,
        changesBy: (request) => parts.registry.as(actorOf(parts.registry, request)),
        identityOf: (request) => identityOf(parts.registry, request),
        seenBy: seeing(parts),
        may: {
          see: { onRequest: whoSees(parts.registry, parts.config.dashboard.open) },
          read: { onRequest: mayRead },
          operate: needs('operate'),
          manage: needs('manage'),
          administer: needs('administer'),
          manages: hasScope(parts.registry, 'manage'),
          stillReads: stillHas(parts.registry, 'read'),
        },
      };
      for (const routes of [
        deviceRoutes,
        deploymentRoutes,
        calibrationRoutes,
        credentialRoutes,
        lorawanKeyRoutes,
        claimRoutes,
        unregisteredRoutes,
        scanRoutes,
        labelRoutes,
        auditRoutes,
        accountRoutes,
        keyRoutes,
        deviceImportRoutes,
        networkServerRoutes,
        downlinkRoutes,
        healthRoutes,
        gatewayRoutes,
        uplinkHistoryRoutes,
        previewRoutes,
        watchRoutes,
        codecCaseRoutes,
        compareRoutes,
        siteRoutes,
        qualityRoutes,
        reprocessRoutes,
        vocabularyRoutes,
        alertRoutes,
        ruleRoutes,
        quarantineRoutes,
        observationRoutes,
        explainRoutes,
        footfallRoutes,
        averageRoutes,
        summaryRoutes,
        indexRoutes,
        objectiveRoutes,
        statusRoutes,
      ]) {
        routes(own, withAccess);
      }
    },
    { prefix: '/api/v1' },
  );
};
