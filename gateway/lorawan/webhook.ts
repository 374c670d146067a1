import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type, type TSchema } from 'typebox';
import { Invalid, Unavailable, type Connector } from '../../device-profiles/vocabulary/index.ts';
import { openSlowdown } from '../../infra/broker/slowdown.ts';
import { JournalBroken, JournalFull } from '../../infra/journal/contract.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { countRefusals } from '../http/refusals.ts';
import { bytesOf, checkMediaType, takeRawBodies } from '../http/raw-body.ts';
import { openDelivery, type Delivered, type LorawanDoorParts } from './deliver.ts';
import type { NetworkMessage, NetworkRefusal, NetworkRefused } from './message.ts';
import { networkServerOf } from './sender.ts';

export interface WebhookParts extends LorawanDoorParts {
  readonly registry: Registry;
}

/** One door for the calls of one kind of network server. */
export interface Webhook {
  readonly connector: Connector;
  /** As Fastify writes it, with `:parameters`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly querystring?: TSchema;
  readonly params?: TSchema;
  /** Media types that the sender uses. */
  readonly types: readonly string[];
  /** Whose call it is, before the body is read; a network server's key unless given. @throws Unauthorised, Forbidden. */
  readonly authenticate?: (request: FastifyRequest) => Promise<void>;
  /**
   * Refusals beside those of every door that are answered with 202 and the reason: for a sender that stops calling
   * when it is told 400 too often.
   */
  readonly leaves?: readonly NetworkRefusal[];
  /** Looks at the address of a call, after its sign-in. @throws Invalid `request-invalid`, which says what to send. */
  readonly checkAddress?: (request: FastifyRequest) => void;
  /** What a call says. Pure, and it never throws: what it cannot read is a refusal. */
  read(call: { readonly body: Uint8Array; readonly request: FastifyRequest }): readonly NetworkMessage[];
}

const Answer = Type.Object({
  outcome: Type.String({
    description: '`appended`, `duplicate`, `told`, or why it was left alone, such as `simulated`',
  }),
});

/**
 * Why a call is turned away, beside what it says (`networkRefusals`): the codes of the answers, and the reasons of the
 * metric. `internal` is a fault of ours.
 */
export const callRefusals = [
  'key-missing',
  'key-wrong',
  'scope-missing',
  'media-type-unsupported',
  'content-length-wrong',
  'body-empty',
  'body-too-large',
  'request-invalid',
  'journal-full',
  'journal-broken',
  'journal-slow',
  'internal',
] as const;

/** Read, and nothing for us: nobody need send it again, or mend it. Whatever else is refused is answered with 400. */
const leftAlone: readonly NetworkRefusal[] = ['simulated', 'event-unknown'];

/**
 * How long a call waits for the commit. ChirpStack gives up after 5 s and does not come again; a sender that is told
 * in time may do better. Whatever was handed to the journal may still be kept: sent again, it is kept once.
 */
const ANSWER_WITHIN_MS = 4_000;

/**
 * Answers 202 once the uplinks of a call are on disk, 503 with `Retry-After` where they are not, and 400 with the
 * reason where it cannot be read.
 */
export const webhookRoute =
  (parts: WebhookParts, hook: Webhook, withinMs = ANSWER_WITHIN_MS): FastifyPluginAsyncTypebox =>
  async (http) => {
    const slowdown = openSlowdown(parts.clock);
    const delivery = openDelivery(parts, hook.connector);
    const authenticate =
      hook.authenticate ?? (async (request) => void (await networkServerOf(request, { ...parts, slowdown })));
    await http.register(async (app) => {
      takeRawBodies(app);
      countRefusals(app, hook.connector, { ...parts, counted });
      app.addHook('onRequest', async (request) => {
        await authenticate(request);
        checkMediaType(request);
        hook.checkAddress?.(request);
      });
      const { operationId, summary, description, querystring, params, types } = hook;
      const schema = {
        tags: ['network servers'],
        operationId,
        summary,
        description,
        security: [{ key: [] }],
        ...(querystring === undefined ? {} : { querystring }),
        ...(params === undefined ? {} : { params }),
        body: { content: Object.fromEntries(types.map((type) => [type, { schema: Type.Unknown() }])) },
        response: { 202: Answer },
      };
      app.post(hook.path, { schema }, async (request, reply) => {
        const messages = hook.read({ body: bytesOf(request, 'send the message of the network server in it'), request });
        const outcome = await inTime((resolve) => delivery.deliver(messages, resolve), withinMs);
        if (outcome === 'journal-full')
          throw new JournalFull('The disk is nearly full: nothing new is taken until there is room');
        if (outcome === 'journal-broken') throw new JournalBroken('The message could not be kept');
        const refusal = messages.find(
          (message): message is NetworkRefused => message.kind === 'refused' && message.reason === outcome,
        );
        if (refusal !== undefined && ![...leftAlone, ...(hook.leaves ?? [])].includes(refusal.reason))
          throw new NotUnderstood(refusal.reason, refusal.detail);
        return reply.status(202).send({ outcome });
      });
    });
  };

/** @throws JournalSlow when nothing is known by then. */
const inTime = async (deliver: (resolve: (outcome: Delivered) => void) => void, ms: number): Promise<Delivered> => {
  const { promise, resolve, reject } = Promise.withResolvers<Delivered>();
  const late = setTimeout(
    () => reject(new JournalSlow(`The journal did not commit within ${ms} ms: send it again`)),
    ms,
  );
  deliver(resolve);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
  }
};

/** A commit that takes longer than a sender waits. Code `journal-slow`. */
class JournalSlow extends Unavailable {
  override readonly name = 'JournalSlow';
  constructor(detail: string) {
    super('journal-slow', detail);
  }
}

/** What `deliver` counted when it turned it away. */
const counted = (error: Error): boolean =>
  error instanceof NotUnderstood || error instanceof JournalFull || error instanceof JournalBroken;

/** A call that says nothing which could be read. Its code is the reason: see `networkRefusals`. */
export class NotUnderstood extends Invalid {
  override readonly name = 'NotUnderstood';
}
