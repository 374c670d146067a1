import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Invalid, type Connector, type Uplink } from '../../device-profiles/vocabulary/index.ts';
import { openSlowdown } from '../../infra/broker/slowdown.ts';
import { JournalBroken, JournalFull } from '../../infra/journal/contract.ts';
import { forwardedPrefix, identityOf, identityPrefix } from '../identity.ts';
import { openIntake, type Intake } from '../intake.ts';
import type { DoorParts } from '../mqtt/door.ts';
import { openNewcomers } from '../newcomers.ts';
import type { Receipt } from '../receipt.ts';
import { senderOf, type Sender } from './credentials.ts';
import { BODY_AT_MOST_BYTES, bytesOf, checkMediaType, takeRawBodies } from './raw-body.ts';
import { countRefusals } from './refusals.ts';

const Accepted = Type.Object({
  id: Type.String({ description: 'The uplink, as `/api/v1/devices/{id}/uplinks` lists it' }),
});
/** Not checked here: what a body means is for the device's profile, and whatever it is, the journal has it. */
const body = (...types: readonly string[]) => ({
  content: Object.fromEntries(
    types.map((type) => [
      type,
      {
        schema: Type.Unknown({ description: `As the device's profile says; at most ${BODY_AT_MOST_BYTES / 1024} kB` }),
      },
    ]),
  ),
});
const querystring = Type.Object({
  device: Type.Optional(
    Type.String({
      description:
        'Id of the device, with a bearer token or where a gateway speaks for it; or the header `Kerbside-Device`',
    }),
  ),
});

const uplinks = {
  tags: ['uplinks'],
  operationId: 'sendUplink',
  summary: 'Send a message of a device',
  description: `The device signs in with its id and token: \`Authorization: Basic base64(id:token)\`, or \`Authorization: Bearer <token>\` with its id in
the header \`Kerbside-Device\` or in \`?device=\`. The body is kept as it came. Answers 202 once it is on disk. With an \`Idempotency-Key\` (1 to 255
printable characters, different for each message) it can be sent again without being counted twice. 503 with \`Retry-After\`: it was not kept.

A gateway, which is a device that speaks for others, signs in with its own id and token (\`Basic\`) and names the device
whose message it is in \`Kerbside-Device\` or \`?device=\`: one that its list of devices covers, registered or not. What
a device says that nobody has registered waits in the quarantine.`,
  security: [{ device: [] }],
  querystring,
  body: body('application/json', 'application/octet-stream', 'text/plain'),
  response: { 202: Accepted },
};

const airrohr = {
  tags: ['uplinks'],
  operationId: 'sendAirrohr',
  summary: 'Send a message of a Sensor.Community airRohr',
  description: `For "Send data to custom API" of the airRohr firmware: server and port of this one, path \`/api/v1/airrohr\`, user the device's id, password
its token. Answers 200, which the firmware takes for success, once the message is on disk.`,
  security: [{ device: [] }],
  querystring,
  body: body('application/json'),
  response: { 200: Accepted },
};

/** The HTTP doors for devices: `POST /api/v1/uplinks` and `POST /api/v1/airrohr`. A plugin for the one HTTP server. */
export const uplinkRoutes =
  (parts: DoorParts): FastifyPluginAsyncTypebox =>
  async (http) => {
    const intake = openIntake(parts);
    const slowdown = openSlowdown(parts.clock);
    const newcomers = openNewcomers(parts.registry, parts.clock);
    const senders = new WeakMap<FastifyRequest, Sender>();
    const door = (
      connector: Connector,
      path: string,
      { schema, status }: { readonly schema: typeof uplinks | typeof airrohr; readonly status: 200 | 202 },
    ) =>
      http.register(async (app) => {
        takeRawBodies(app);
        countRefusals(app, connector, parts);
        // Before the body is read: a stranger's is not.
        app.addHook('onRequest', async (request) => {
          senders.set(request, await senderOf(request, { ...parts, slowdown, newcomers }));
          checkMediaType(request);
        });
        app.post(path, { schema, bodyLimit: BODY_AT_MOST_BYTES }, async (request, reply) => {
          const sender = senders.get(request);
          if (sender === undefined) throw new TypeError('a request came past its sign-in');
          const uplink = uplinkOf(request, { connector, sender, receipt: parts.receipt });
          await durable(intake, uplink);
          return reply.status(status).send({ id: uplink.id });
        });
      });
    await door('http', '/api/v1/uplinks', { schema: uplinks, status: 202 });
    await door('airrohr', '/api/v1/airrohr', { schema: airrohr, status: 200 });
  };

const uplinkOf = (
  request: FastifyRequest,
  { connector, sender, receipt }: { readonly connector: Connector; readonly sender: Sender; readonly receipt: Receipt },
): Uplink => {
  const payload = bytesOf(request, 'send the reading as its profile describes it');
  const key = idempotencyKey(request);
  const { device, via } = sender;
  const receivedAt = receipt.at(device);
  const who = via === undefined ? identityPrefix(connector, device) : forwardedPrefix(connector, via, device);
  // With a key, the same words under the same key are the same message; other words under it are not lost as a repeat.
  const which = key === undefined ? `at\0${receivedAt}\0` : `key\0${key}\0`;
  return {
    id: identityOf(Buffer.concat([who, Buffer.from(which)]), 0, payload),
    redelivered: key !== undefined,
    connector,
    device: { by: 'id', value: device },
    ...(via === undefined ? {} : { via }),
    receivedAt,
    payload,
  };
};

/** @throws Invalid `idempotency-key-invalid`. */
const idempotencyKey = ({ headers }: FastifyRequest): string | undefined => {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Invalid('idempotency-key-invalid', 'Idempotency-Key must be 1 to 255 printable characters without spaces');
};

/** @throws JournalFull, JournalBroken: then the uplink is not on disk. */
const durable = (intake: Intake, uplink: Uplink): Promise<void> =>
  new Promise((resolve, reject) => {
    intake.take(uplink, (outcome) => {
      if (outcome === 'journal-full')
        reject(new JournalFull('The disk is nearly full: nothing new is taken until there is room'));
      else if (outcome === 'journal-broken') reject(new JournalBroken('The message could not be kept'));
      else resolve();
    });
  });
