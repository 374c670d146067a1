import { deviceId, InvalidId, type DeviceId } from '../../device-profiles/vocabulary/index.ts';

/**
 * How to find the device in a topic that a subscription brought: the level where the filter has its first `+`.
 * Undefined when that level is no device id. `$share/<group>/` before a filter is not part of the topic.
 */
export const deviceInTopic = (filter: string): ((topic: string) => DeviceId | undefined) => {
  const levels = filter.split('/');
  const level = (levels[0] === '$share' ? levels.slice(2) : levels).indexOf('+');
  return (topic) => {
    const text = level < 0 ? undefined : topic.split('/', level + 1)[level];
    if (text === undefined) return undefined;
    try {
      return deviceId(text);
    } catch (error) {
      if (error instanceof InvalidId) return undefined;
      throw error;
    }
  };
};

/**
 * Whether a filter brings a topic (MQTT 3.1.1, 4.7.1), for many topics. `$share/<group>/` before a filter is not part of
 * it.
 */
export const topicsOf = (filter: string): ((topic: string) => boolean) => {
  const levels = filter.split('/');
  const wanted = levels[0] === '$share' ? levels.slice(2) : levels;
  const deep = wanted.at(-1) === '#';
  const pattern = (deep ? wanted.slice(0, -1) : wanted)
    .map((level) => (level === '+' ? '[^/]*' : literal(level)))
    .join('/');
  // `a/#` brings `a` too [MQTT-4.7.1-2]. A wildcard at the first level leaves out what begins with $ [MQTT-4.7.2-1].
  const rest = !deep ? '' : wanted.length === 1 ? '.*' : '(?:/.*)?';
  const whole = new RegExp(`^${wanted[0] === '+' || wanted[0] === '#' ? '(?!\\$)' : ''}${pattern}${rest}$`, 's');
  return (topic) => whole.test(topic);
};

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
