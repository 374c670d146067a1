import { Invalid } from '../../../device-profiles/vocabulary/index.ts';

/** A topic with names in it, as ChirpStack's settings write it: `application/{{application_id}}/...`. */
export interface TopicTemplate {
  /** What to subscribe to: `+` for each level with a name in it. */
  readonly filter: string;
  /** The names' values; undefined where the topic is none of this template's. */
  read(topic: string): NamedInTopic | undefined;
}

/** What may stand where a name is. */
const values = {
  application_id: '[0-9A-Za-z-]{1,64}',
  dev_eui: '[0-9A-Fa-f]{16}',
  gateway_id: '[0-9A-Za-z_.:-]{1,64}',
  event: '[a-z_]{1,40}',
} as const;
type Name = keyof typeof values;
export type NamedInTopic = { readonly [N in Name]?: string };
const isName = (text: string): text is Name => Object.hasOwn(values, text);

/**
 * Reads a template. Names may stand between other words (`street-{{dev_eui}}`), and `+` may stand for a level.
 * @param setting where the template is from, for the message. @param needed names without which it is of no use.
 * @throws Invalid `chirpstack-topic`, when it cannot be matched.
 */
export const topicTemplate = (template: string, setting: string, needed: readonly Name[]): TopicTemplate => {
  const wrong = (problem: string): Invalid => new Invalid('chirpstack-topic', `${setting}: ${template} ${problem}`);
  if (template.startsWith('$') || template.startsWith('/'))
    throw wrong('begins with "$" or "/": write it as it stands in chirpstack.toml');
  const names: Name[] = [];
  const levels = template.split('/').map((level) => {
    if (level === '+') return { filter: '+', pattern: '[^/]*' };
    if (/[#+]/.test(level)) throw wrong(`has "${level}": "#" and a "+" inside of a level cannot be matched`);
    const parts = level.split(/\{\{\s*(\w+)\s*\}\}/);
    const pattern = parts.map((part, index) => {
      if (index % 2 === 0) {
        if (/[{}]/.test(part)) throw wrong(`has "${level}": a name stands in two braces, as {{event}}`);
        return part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
      }
      if (!isName(part)) throw wrong(`has {{${part}}}, which is none of ${Object.keys(values).join(', ')}`);
      if (names.includes(part)) throw wrong(`has {{${part}}} twice`);
      names.push(part);
      return `(${values[part]})`;
    });
    return { filter: parts.length > 1 ? '+' : level, pattern: pattern.join('') };
  });
  for (const name of needed)
    if (!names.includes(name)) throw wrong(`needs {{${name}}}: without it a message cannot be told from others`);
  const whole = new RegExp(`^${levels.map(({ pattern }) => pattern).join('/')}$`);
  return {
    filter: levels.map(({ filter }) => filter).join('/'),
    read: (topic) => {
      const found = whole.exec(topic);
      if (found === null) return undefined;
      const named: { [N in Name]?: string } = {};
      for (const [index, name] of names.entries()) named[name] = found[index + 1] ?? '';
      return named;
    },
  };
};

/** Where gateways say how they are: `kind` and `event` of the template are `event/stats` and `state/conn`. */
export const gatewayTemplates = (
  template: string,
  setting: string,
): Readonly<Record<'stats' | 'conn', TopicTemplate>> => {
  const of = (kind: string, event: string): TopicTemplate => {
    const filled = template.replace(/\{\{\s*kind\s*\}\}/, kind).replace(/\{\{\s*event\s*\}\}/, event);
    if (!/\{\{\s*kind\s*\}\}/.test(template) || !/\{\{\s*event\s*\}\}/.test(template))
      throw new Invalid('chirpstack-topic', `${setting}: ${template} needs {{kind}} and {{event}}`);
    return topicTemplate(filled, setting, ['gateway_id']);
  };
  return { stats: of('event', 'stats'), conn: of('state', 'conn') };
};
