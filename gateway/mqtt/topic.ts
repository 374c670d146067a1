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

/** Whether a filter brings a topic (MQTT 3.1.1, 4.7.1). `$share/<group>/` before a filter is not part of it. */
export const filterMatches = (filter: string, topic: string): boolean => {
  const levels = filter.split('/');
  const wanted = levels[0] === '$share' ? levels.slice(2) : levels;
  const given = topic.split('/');
  // [MQTT-4.7.2-1]: a wildcard at the first level leaves out what begins with $.
  if (topic.startsWith('$') && (wanted[0] === '+' || wanted[0] === '#')) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= given.length || (level !== '+' && level !== given[index])) return false;
  }
  return wanted.length === given.length;
};
