import { Type, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reservedIds } from '../../infra/registry/device-checks.ts';
import { openHouse, type House } from './house.ts';

/** OpenAPI 3.1.0, the objects that a description like ours is made of, each closed: what the standard does not know is a fault. */
const closed = (properties: Record<string, TSchema>): TSchema =>
  Type.Object(properties, { additionalProperties: false });
const some = Type.Optional;
const text = Type.String();
const words = Type.String({ minLength: 3 });
const JsonSchema = Type.Record(Type.String(), Type.Unknown());
const security = Type.Array(Type.Record(Type.String(), Type.Array(text)));
const content = Type.Record(Type.String({ pattern: '^[a-z]+/[a-z0-9.+*-]+$' }), closed({ schema: JsonSchema }), {
  additionalProperties: false,
});
const response = closed({
  description: words,
  content: some(content),
  headers: some(Type.Record(text, closed({ description: some(text), schema: JsonSchema }))),
});
const parameter = closed({
  name: text,
  in: Type.Enum(['query', 'path', 'header']),
  required: Type.Boolean(),
  description: some(text),
  schema: JsonSchema,
});
const operation = closed({
  operationId: words,
  summary: words,
  description: words,
  tags: Type.Array(text, { minItems: 1 }),
  parameters: some(Type.Array(parameter)),
  requestBody: some(closed({ required: some(Type.Boolean()), description: some(text), content })),
  responses: Type.Record(Type.String({ pattern: '^([1-5]\\d\\d|default)$' }), response, {
    additionalProperties: false,
  }),
  security: some(security),
});
const Document = closed({
  openapi: Type.Literal('3.1.0'),
  info: closed({ title: words, version: text, description: words, license: closed({ name: text, identifier: text }) }),
  servers: Type.Array(closed({ url: text })),
  tags: Type.Array(closed({ name: text, description: words })),
  paths: Type.Record(
    Type.String({ pattern: '^/' }),
    Type.Record(Type.String({ pattern: '^(get|put|post|delete|patch)$' }), operation, { additionalProperties: false }),
    { additionalProperties: false },
  ),
  components: closed({
    schemas: Type.Record(text, JsonSchema),
    securitySchemes: Type.Record(
      text,
      closed({ type: Type.Literal('http'), scheme: Type.Enum(['bearer', 'basic']), description: words }),
    ),
  }),
  security,
});

/** Keywords of JSON Schema 2020-12 that we use; `nullable` and the like are of other dialects. */
const keywords = new Set(
  'type properties minProperties required additionalProperties items enum const anyOf minItems maxItems minimum maximum exclusiveMinimum minLength maxLength pattern format default description title $ref prefixItems'.split(
    ' ',
  ),
);
const types = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every schema below a value, with where it is. */
const schemasIn = (value: unknown, path: string): { path: string; schema: Tree }[] => {
  if (Array.isArray(value)) return value.flatMap((each, i) => schemasIn(each, `${path}/${i}`));
  if (!isTree(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const here = `${path}/${key}`;
    const isSchema =
      (key === 'schema' || key === 'items' || /\/(?:properties|anyOf|components\/schemas)$/.test(path)) &&
      isTree(child);
    return [...(isSchema && isTree(child) ? [{ path: here, schema: child }] : []), ...schemasIn(child, here)];
  });
};

let house: House;
let document: Tree = {};
beforeAll(async () => {
  house = await openHouse();
  const { json } = await house.ask('/api/v1/openapi.json', { key: undefined });
  if (isTree(json)) document = json;
});
afterAll(() => house.close());

const operations = (): { route: string; operation: Tree }[] =>
  Object.entries(isTree(document['paths']) ? document['paths'] : {}).flatMap(([path, item]) =>
    Object.entries(isTree(item) ? item : {}).flatMap(([method, operation]) =>
      isTree(operation) ? [{ route: `${method.toUpperCase()} ${path}`, operation }] : [],
    ),
  );

describe('/api/v1/openapi.json', () => {
  test('is an OpenAPI 3.1 document, each object as the standard has it', () => {
    const compiled = Compile(Document);
    expect(compiled.Errors(document)).toEqual([]);
    expect(compiled.Check(document)).toBe(true);
    // The check can go red.
    expect(compiled.Check({ ...document, openapi: '3.0.3' })).toBe(false);
    expect(compiled.Check({ ...document, paths: { '/x': { get: { summary: 'no answer' } } } })).toBe(false);
  });

  test('describes each route of the API and nothing else', () => {
    const routes = house.routes.filter(
      (route) => route.includes(' /api/v1/') && !route.startsWith('HEAD') && !route.endsWith('/openapi.json'),
    );
    const described = operations().map(({ route }) => route.replaceAll(/\{(\w+)\}/g, ':$1'));
    expect(described.length).toBeGreaterThan(15);
    expect(described.toSorted()).toEqual(routes.toSorted());
  });

  test('has no list under a name that a device could have', () => {
    const beside = operations().flatMap(({ route }) => /^\w+ \/api\/v1\/devices\/([a-z-]+)$/.exec(route)?.[1] ?? []);
    expect(beside.length).toBeGreaterThan(1);
    expect(beside.filter((name) => !reservedIds.has(name))).toEqual([]);
  });

  test('names each operation once, and uses only tags that are described', () => {
    const ids = operations().map(({ operation }) => String(operation['operationId']));
    expect(new Set(ids).size).toBe(ids.length);
    const tags = new Set(
      Array.isArray(document['tags']) ? document['tags'].map((tag: unknown) => (isTree(tag) ? tag['name'] : '')) : [],
    );
    expect(
      operations().flatMap(({ operation }) =>
        Array.isArray(operation['tags']) ? operation['tags'].filter((tag) => !tags.has(tag)) : [],
      ),
    ).toEqual([]);
  });

  test('has schemas of JSON Schema 2020-12 only, and every reference leads somewhere', () => {
    const schemas = schemasIn(document, '#');
    expect(schemas.length).toBeGreaterThan(150);
    const faults = schemas.flatMap(({ path, schema }) => {
      const strange = Object.keys(schema).filter((key) => !keywords.has(key));
      const wrongTypes = [schema['type'] ?? []].flat().filter((type) => typeof type !== 'string' || !types.has(type));
      const reference = schema['$ref'];
      const lost = typeof reference === 'string' && !schemas.some((other) => other.path === reference);
      return [
        ...strange.map((key) => `${path}: ${key}`),
        ...wrongTypes.map((type) => `${path}: type ${JSON.stringify(type)}`),
        ...(lost ? [`${path}: ${reference}`] : []),
      ];
    });
    expect(faults).toEqual([]);
  });

  test('says of each operation what it answers when it goes wrong', () => {
    const without = operations().filter(({ operation }) => {
      const responses = isTree(operation['responses']) ? operation['responses'] : {};
      return !['400', '401', '403', '503'].every((status) =>
        JSON.stringify(responses[status] ?? '').includes('application/problem+json'),
      );
    });
    expect(without.map(({ route }) => route)).toEqual([]);
  });

  test('can be read without a key, and the reference page with it', async () => {
    const page = await house.ask('/api/docs', { key: undefined, accept: 'text/html' });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(page.headers.get('content-security-policy')).not.toMatch(/script-src[^;]*unsafe-inline/);
    expect(page.text).toContain('swagger-ui');
  });
});
