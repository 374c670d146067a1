import type { MqttClient } from 'mqtt';

/** One filter that a source reads. */
export interface SourceFilter {
  readonly filter: string;
  /** The most that we ask for; a broker may grant less. */
  readonly qos: 0 | 1;
  /**
   * Whether what the broker keeps under its topics is wanted, on each connection. MQTT 5 leaves it out otherwise; in
   * 3.1.1 it comes all the same, with its flag.
   */
  readonly retained?: boolean;
}

export type SubscriptionNews =
  /** After it was not. */
  | { readonly kind: 'granted'; readonly qos: number }
  /** By the broker, or there was no answer: it is asked for again by itself. */
  | { readonly kind: 'refused'; readonly problem: string | undefined }
  /** The broker had let go of it on a connection that lives. It has it again. */
  | { readonly kind: 'lost' }
  /** It brought something before, and nothing for a while in which others did. It was asked for anew. */
  | { readonly kind: 'quiet' };

/** A filter that is kept granted while there is a connection. */
export interface Subscription {
  readonly granted: boolean;
  /** A connection is there: ask. */
  connected(): void;
  disconnected(): void;
  /** The filter brought a message. */
  brought(message: { readonly retained: boolean }): void;
}

const FIRST_RETRY_MS = 1_000;
const RETRY_AT_MOST_MS = 30_000;
/** A broker answers a SUBSCRIBE at once or not at all. */
const ANSWER_MS = 30_000;

/** MQTT 5, 3.8.3.1: what is retained comes always, only where the subscription was not there, or never. */
const retainHandling = { always: 0, ifNew: 1, never: 2 } as const;

/**
 * Asks for one filter on each connection, looks at the answer, and asks again where it is refused. A broker can also
 * lose one of several subscriptions and go on delivering the others; nothing in MQTT says so. That is why a filter
 * that brings nothing for `renewMs` is asked for anew: a subscription that is there is replaced by itself without a
 * gap (MQTT 3.1.1, 3.8.4-3), and one that is not is there again.
 * @param others how many messages all filters of the source have brought.
 */
export const keepSubscribed = (
  client: MqttClient,
  { filter, qos, retained = false, renewMs }: SourceFilter & { readonly renewMs: number },
  { tell, others }: { readonly tell: (news: SubscriptionNews) => void; readonly others: () => number },
): Subscription => {
  let granted = false;
  /** Only the newest question is listened to. */
  let turn = 0;
  let waitMs = FIRST_RETRY_MS;
  let retry: NodeJS.Timeout | undefined;
  let renewal: NodeJS.Timeout | undefined;
  /** A renewal was granted, and the broker may send what it would not have sent had it still had the first. */
  let renewed = false;
  const heard = { ever: false, lately: false, othersThen: 0, quiet: false };

  const ask = (handling: (typeof retainHandling)[keyof typeof retainHandling]): void => {
    turn += 1;
    const mine = turn;
    clearTimeout(retry);
    retry = setTimeout(() => refused(`no answer within ${ANSWER_MS / 1_000} s`), ANSWER_MS).unref();
    client.subscribe(filter, { qos, rh: retained ? handling : retainHandling.never }, (error, answers) => {
      if (mine !== turn || !client.connected) return;
      clearTimeout(retry);
      const given = answers?.[0]?.qos;
      if (error !== null || given === undefined || given >= 128) {
        refused(error?.message);
        return;
      }
      waitMs = FIRST_RETRY_MS;
      renewed = handling === retainHandling.ifNew;
      if (granted) return;
      granted = true;
      tell({ kind: 'granted', qos: given });
    });
  };
  const refused = (problem: string | undefined): void => {
    granted = false;
    tell({ kind: 'refused', problem });
    retry = setTimeout(() => ask(retainHandling.always), waitMs).unref();
    waitMs = Math.min(waitMs * 2, RETRY_AT_MOST_MS);
  };
  const look = (): void => {
    const othersBrought = others() > heard.othersThen;
    heard.othersThen = others();
    if (heard.lately) {
      heard.lately = false;
      heard.quiet = false;
      return;
    }
    if (!granted) return;
    if (heard.ever && othersBrought && !heard.quiet) {
      heard.quiet = true;
      tell({ kind: 'quiet' });
    }
    ask(retainHandling.ifNew);
  };
  return {
    get granted() {
      return granted;
    },
    connected() {
      waitMs = FIRST_RETRY_MS;
      renewed = false;
      heard.othersThen = others();
      ask(retainHandling.always);
      clearInterval(renewal);
      renewal = setInterval(look, renewMs).unref();
    },
    disconnected() {
      turn += 1;
      granted = false;
      clearTimeout(retry);
      clearInterval(renewal);
    },
    brought(message) {
      heard.ever = true;
      heard.lately = true;
      if (!message.retained || !renewed) return;
      renewed = false;
      tell({ kind: 'lost' });
    },
  };
};
