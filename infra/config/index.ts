import { existsSync, readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { LineCounter, parseDocument } from 'yaml';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { schema, type Config } from './schema.ts';

export type { Config } from './schema.ts';

/** One thing that is wrong with the configuration, and where. */
export interface Fault {
  /** `line 12`, or the name of the environment variable. */
  readonly where: string;
  /** The setting's path: `mqtt.tls.certificate`. */
  readonly setting: string;
  readonly problem: string;
}

/** All that is wrong with the configuration, at once. Code `config-invalid`. */
export class ConfigInvalid extends Invalid {
  override readonly name = 'ConfigInvalid';
  readonly faults: readonly Fault[];
  constructor(source: string, faults: readonly Fault[]) {
    const width = (of: (fault: Fault) => string) => Math.max(...faults.map((fault) => of(fault).length));
    const [where, setting] = [width((fault) => fault.where), width((fault) => fault.setting)];
    const lines = faults.map(
      (fault) => `  ${fault.where.padEnd(where)}  ${fault.setting.padEnd(setting)}  ${fault.problem}`,
    );
    super(
      'config-invalid',
      `${faults.length} fault${faults.length === 1 ? '' : 's'} in ${source}\n${lines.join('\n')}`,
    );
    this.faults = faults;
  }
}

/** A setting of the schema: its path and what is known of it. */
export interface Setting {
  readonly path: readonly string[];
  readonly schema: Record<string, unknown>;
}

/** A plain tree as YAML and the schema give it. */
type Tree = { [key: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** All settings, in the schema's order. */
export const settings: readonly Setting[] = (function leaves(node: Tree, path: readonly string[]): Setting[] {
  const properties = node['properties'];
  if (!isTree(properties)) return [{ path, schema: node }];
  return Object.entries(properties).flatMap(([key, child]) => (isTree(child) ? leaves(child, [...path, key]) : []));
})(JSON.parse(JSON.stringify(schema)), []);

/** `mqtt.tls.certificate` is `KERBSIDE_MQTT_TLS_CERTIFICATE`; `lorawan.udpPort` is `KERBSIDE_LORAWAN_UDP_PORT`. */
export const variableOf = (path: readonly string[]): string =>
  `KERBSIDE_${path.map((part) => part.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()).join('_')}`;

/** Underscores carry no meaning, so that `KERBSIDE_FEEDS_MQTTPORT` is read as well. */
const folded = (variable: string): string => variable.replaceAll('_', '').toLowerCase();
const byVariable = new Map(settings.map((setting) => [folded(variableOf(setting.path)), setting]));
/** Variables of ours that are no settings: where the file is, and the key with which commands ask a server. */
const notSettings = new Set(['KERBSIDE_CONFIG', 'KERBSIDE_KEY']);

/**
 * Reads `kerbside.yaml` (or `KERBSIDE_CONFIG`) if it is there, then the environment, which wins; fills in the defaults.
 * @throws ConfigInvalid with every fault: an unknown key, a wrong type, a value out of range, broken YAML.
 */
export const readConfig = (options: { readonly file?: string; readonly env?: NodeJS.ProcessEnv } = {}): Config => {
  const env = options.env ?? process.env;
  const named = options.file ?? env['KERBSIDE_CONFIG'];
  const file = named ?? 'kerbside.yaml';
  const lines = new LineCounter();
  if (named !== undefined && !existsSync(named))
    throw new ConfigInvalid(file, [{ where: 'file', setting: file, problem: 'no such file' }]);
  const document = parseDocument(existsSync(file) ? readFileSync(file, 'utf8') : '', {
    lineCounter: lines,
    prettyErrors: false,
  });
  const faults: Fault[] = document.errors.map((error) => ({
    where: `line ${lines.linePos(error.pos[0]).line}`,
    setting: '(YAML)',
    problem: error.message,
  }));
  const content: unknown = faults.length > 0 ? {} : (document.toJS() ?? {});
  const fromVariable = new Map<string, string>();
  const tree: unknown = isTree(content) ? structuredClone(content) : content;
  if (isTree(tree)) applyEnvironment(tree, { env, fromVariable, faults });
  const candidate = Value.Default(schema, tree);
  const whereIs = (path: readonly string[]): string => {
    const node = document.getIn(path, true);
    const offset = isTree(node) && Array.isArray(node['range']) ? node['range'][0] : undefined;
    return (
      fromVariable.get(path.join('.')) ?? (typeof offset === 'number' ? `line ${lines.linePos(offset).line}` : file)
    );
  };
  for (const { path, problem } of faultsOf(candidate))
    faults.push({ where: whereIs(path), setting: path.length === 0 ? '(file)' : path.join('.'), problem });
  if (faults.length > 0) throw new ConfigInvalid(file, faults);
  const config = Value.Parse(schema, candidate);
  const halves = halvesIn(config).map(({ path, problem }) => ({
    where: whereIs(path),
    setting: path.join('.'),
    problem,
  }));
  if (halves.length > 0) throw new ConfigInvalid(file, halves);
  return config;
};

const applyEnvironment = (
  tree: Tree,
  { env, fromVariable, faults }: { env: NodeJS.ProcessEnv; fromVariable: Map<string, string>; faults: Fault[] },
): void => {
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('KERBSIDE_') || text === undefined || notSettings.has(variable)) continue;
    const setting = byVariable.get(folded(variable));
    if (setting === undefined) {
      faults.push({
        where: variable,
        setting: '-',
        problem: `no such setting; "npx kerbside config print" lists them all`,
      });
      continue;
    }
    const name = setting.path.join('.');
    fromVariable.set(name, variable);
    let place = tree;
    for (const part of setting.path.slice(0, -1)) {
      const below = place[part];
      const next: Tree = isTree(below) ? below : {};
      place[part] = next;
      place = next;
    }
    const last = setting.path.at(-1);
    if (last !== undefined) place[last] = fromText(text, setting.schema['type']);
  }
};

/** What a variable's text means for a setting of that type; text that does not fit stays text and is then a fault. */
const fromText = (text: string, type: unknown): unknown => {
  if ((type === 'integer' || type === 'number') && text.trim() !== '' && Number.isFinite(Number(text)))
    return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
};

const faultsOf = (candidate: unknown): { path: string[]; problem: string }[] => {
  const found = new Map<string, { path: string[]; problem: string }>();
  for (const error of Value.Errors(schema, candidate)) {
    // The same fault is told from several levels; "schema is false" is the echo of an unknown key.
    if (error.keyword === 'boolean') continue;
    const at = error.instancePath.split('/').slice(1);
    if (error.keyword === 'additionalProperties') {
      for (const key of error.params.additionalProperties)
        found.set([...at, key].join('.'), { path: [...at, key], problem: 'no such setting' });
      continue;
    }
    if (error.keyword === 'anyOf') {
      const choices = choicesAt(at);
      found.set(at.join('.'), {
        path: at,
        problem: choices.length > 0 ? `is not one of: ${choices.join(', ')}` : error.message,
      });
      continue;
    }
    if (!found.has(at.join('.'))) found.set(at.join('.'), { path: at, problem: error.message });
  }
  return [...found.values()];
};

/** Settings that are of no use without others, or beside them. */
const halvesIn = ({
  chirpstack,
  thingsStack,
  oidc,
  http,
  map,
}: Config): { readonly path: readonly string[]; readonly problem: string }[] => {
  const lacks = (names: readonly (readonly [name: string, value: string | undefined])[]): string =>
    names.flatMap(([name, value]) => (value === undefined ? [name] : [])).join(' and ');
  const chirpstackLacks = lacks([
    ['chirpstack.apiToken', chirpstack.apiToken],
    ['chirpstack.applicationId', chirpstack.applicationId],
  ]);
  const thingsStackLacks = lacks([
    ['thingsStack.applicationId', thingsStack.applicationId],
    ['thingsStack.apiKey', thingsStack.apiKey],
  ]);
  const registeringLacks = lacks([
    ['thingsStack.apiUrl', thingsStack.apiUrl],
    ['thingsStack.applicationId', thingsStack.applicationId],
    ['thingsStack.apiKey', thingsStack.apiKey],
  ]);
  const oidcLacks = lacks([
    ['oidc.clientId', oidc.clientId],
    ['oidc.clientSecret', oidc.clientSecret],
    ['oidc.roles', oidc.roles === '' ? undefined : oidc.roles],
    ['http.publicUrl', http.publicUrl],
  ]);
  return [
    ...(map.url !== undefined && map.tiles !== undefined
      ? [{ path: ['map', 'tiles'], problem: 'and map.url are two grounds for one map: set one of them' }]
      : []),
    ...(oidc.issuer !== undefined && oidcLacks !== ''
      ? [{ path: ['oidc', 'issuer'], problem: `needs ${oidcLacks} as well` }]
      : []),
    ...(oidc.issuer !== undefined && /\/(?:common|organizations|consumers)\//.test(oidc.issuer)
      ? [
          {
            path: ['oidc', 'issuer'],
            problem: 'must name one tenant: with this one anybody with an account there could come in',
          },
        ]
      : []),
    ...(oidc.issuer?.startsWith('http:') === true &&
    !/^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/]/.test(`${oidc.issuer}/`)
      ? [{ path: ['oidc', 'issuer'], problem: 'must begin with https: unless it is on this machine' }]
      : []),
    ...(chirpstack.apiUrl !== undefined && chirpstackLacks !== ''
      ? [{ path: ['chirpstack', 'apiUrl'], problem: `needs ${chirpstackLacks} as well` }]
      : []),
    ...(thingsStack.registerDevices && registeringLacks !== ''
      ? [{ path: ['thingsStack', 'registerDevices'], problem: `needs ${registeringLacks} as well` }]
      : []),
    ...(thingsStack.mqttUrl !== undefined && thingsStackLacks !== ''
      ? [{ path: ['thingsStack', 'mqttUrl'], problem: `needs ${thingsStackLacks} as well` }]
      : []),
  ];
};

const choicesAt = (path: readonly string[]): string[] => {
  const any = settings.find((setting) => setting.path.join('.') === path.join('.'))?.schema['anyOf'];
  return Array.isArray(any)
    ? any.flatMap((choice: unknown) => (isTree(choice) && typeof choice['const'] === 'string' ? [choice['const']] : []))
    : [];
};
