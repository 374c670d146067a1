import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Invalid } from '../../../device-profiles/vocabulary/index.ts';
import type { Config } from '../../../infra/config/index.ts';
import type { Source } from '../../mqtt/source.ts';
import type { WebhookParts } from '../webhook.ts';
import { backfillRoutes } from './backfill-routes.ts';
import { openCatchUp } from './catch-up.ts';
import { openMark } from './mark.ts';
import { openThingsStackMqtt, type ThingsStackMqtt } from './mqtt.ts';
import { openNews } from './news.ts';
import type { StorageApi } from './storage-page.ts';
import { backfillLimits, openBackfill, type BackfillLimits } from './storage.ts';
import { thingsStackWebhook } from './webhook.ts';

/** All doors of The Things Stack. */
export interface ThingsStackDoor {
  /** The webhook, always; and the routes of the back-fill. */
  readonly routes: FastifyPluginAsyncTypebox;
  /** Whether its MQTT server brings messages now; undefined where it is not configured. */
  readonly subscribed: boolean | undefined;
  /** Connects, where MQTT is configured, and fetches what was missed, where its storage is. */
  open(): void;
  close(): Promise<void>;
}

/**
 * @param mark the file that keeps how far The Things Stack has been read.
 * @throws Invalid `things-stack-incomplete`
 */
export const openThingsStack = (
  parts: WebhookParts,
  { mark, limits = backfillLimits }: { readonly mark: string; readonly limits?: BackfillLimits },
): ThingsStackDoor => {
  const { registry, clock, log } = parts;
  const news = openNews();
  const mqtt = mqttOf(parts.config.thingsStack);
  const api = storageOf(parts.config.thingsStack);
  const backfill = api === undefined ? undefined : openBackfill(parts, { api, news, limits });
  const catchUp = backfill === undefined ? undefined : openCatchUp({ backfill, mark: openMark(mark), clock, log });
  let source: Source | undefined;
  return {
    routes: async (http) => {
      await http.register(thingsStackWebhook(parts, news));
      await http.register(backfillRoutes({ registry, clock, backfill }));
    },
    get subscribed() {
      return mqtt === undefined ? undefined : source?.subscribed === true;
    },
    open: () => {
      const watch = (subscribed: boolean): void => (subscribed ? catchUp?.online() : catchUp?.offline());
      if (mqtt !== undefined) source = openThingsStackMqtt(parts, mqtt, { news, watch });
      // Webhooks come as long as we run, for all that we can know.
      else catchUp?.online();
    },
    close: async () => {
      // First: after the connection has ended nothing more may be taken for complete.
      await catchUp?.close();
      await source?.close();
    },
  };
};

const mqttOf = ({ mqttUrl, applicationId, tenantId, apiKey }: Config['thingsStack']): ThingsStackMqtt | undefined => {
  if (mqttUrl === undefined) return undefined;
  if (applicationId === undefined || apiKey === undefined)
    throw new Invalid(
      'things-stack-incomplete',
      'thingsStack.mqttUrl needs thingsStack.applicationId and thingsStack.apiKey as well',
    );
  return { mqttUrl, applicationId, apiKey, ...(tenantId === undefined ? {} : { tenantId }) };
};

/** The same API registers devices; an installation without a Storage Integration behind it says so when it is asked. */
const storageOf = ({ apiUrl, applicationId, apiKey }: Config['thingsStack']): StorageApi | undefined =>
  apiUrl === undefined || applicationId === undefined || apiKey === undefined
    ? undefined
    : { url: apiUrl, applicationId, apiKey };
