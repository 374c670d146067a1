import { deviceId, InvalidId, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import { forwardedPrefix } from '../identity.ts';
import { NEW_DEVICES_AT_MOST, type Newcomers } from '../newcomers.ts';
import { speaksFor } from '../speaks-for.ts';
import type { MessageRefusal, Session, Voice } from './session.ts';

/** Whose message it is that a device published to a topic other than its own. */
export type Forward = (session: Session, topic: string) => Voice | MessageRefusal;

/** What is known of the topics that a connection has published to, as long as its device is the same. */
interface Known {
  readonly device: Device;
  readonly voices: Map<string, Voice>;
}

/** Twice the longest list that a gateway may have. With more devices each is looked at again now and then. */
const VOICES_AT_MOST = 2_000;

/**
 * How a gateway speaks for others: on `gateways/{its id}/devices/{their id}/up`, for whom its `speaksFor` covers at
 * that moment. The registry is asked for the gateway with each message, which is one look into a Map; what follows from
 * its list is kept until the registry has another object under that id, as it does after each change.
 */
export const forwarding = (registry: Pick<Registry, 'device'>, newcomers: Newcomers): Forward => {
  const bySession = new WeakMap<Session, Known>();
  return (session, topic) => {
    const device = registry.device(session.ref);
    const known = bySession.get(session);
    const voice = known?.device === device ? known?.voices.get(topic) : undefined;
    if (voice !== undefined) return voice;
    const found = voiceIn({ session, topic, gateway: device, newcomers });
    if ('refused' in found || device === undefined) return found;
    const kept = known?.device === device ? known : { device, voices: new Map<string, Voice>() };
    bySession.set(session, kept);
    if (kept.voices.size >= VOICES_AT_MOST) kept.voices.clear();
    kept.voices.set(topic, found);
    return found;
  };
};

const voiceIn = ({
  session: { id, topic: own },
  topic,
  gateway,
  newcomers,
}: {
  readonly session: Session;
  readonly topic: string;
  readonly gateway: Device | undefined;
  readonly newcomers: Newcomers;
}): Voice | MessageRefusal => {
  const named = deviceNamed(topic, id);
  if (named === undefined) {
    const allowed = `${own}, and as a gateway below gateways/${id}/devices`;
    return { refused: 'topic-not-yours', message: `a connection was closed: this device may publish to ${allowed}` };
  }
  if (!speaksFor(gateway?.speaksFor, named)) {
    return {
      refused: 'device-not-covered',
      message: `a connection was closed: ${id} may not speak for ${named}, which its list of devices does not cover`,
    };
  }
  if (!newcomers.admit(id, named)) {
    const why = `${id} has brought ${NEW_DEVICES_AT_MOST} devices that nobody has registered`;
    return {
      refused: 'too-many-new-devices',
      message: `a connection was closed: ${why}; register them, or mend its list`,
    };
  }
  return { ref: { by: 'id', value: named }, identity: forwardedPrefix('mqtt', id, named), via: id };
};

/** The device in `gateways/{gateway}/devices/{device}/up`, level by level; undefined in any other topic. */
const deviceNamed = (topic: string, gateway: DeviceId): DeviceId | undefined => {
  const [first, own, third, named = '', last, ...more] = topic.split('/', 6);
  if (first !== 'gateways' || own !== gateway || third !== 'devices' || last !== 'up') return undefined;
  if (more.length > 0) return undefined;
  try {
    return deviceId(named);
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
};
