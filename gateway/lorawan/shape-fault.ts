import type { Validator } from 'typebox/compile';
import { isObject } from './json.ts';

/**
 * Where a message breaks its shape, and what should stand there: `rxInfo[1].rssi is no whole number from -200 to 0`,
 * `freq is missing`. Never what stands there.
 * @param within what the checked value is called itself: `rxpk[3]`
 */
export const shapeFault = (shape: Pick<Validator, 'Errors' | 'Type'>, value: unknown, within = ''): string => {
  const [error] = shape.Errors(value);
  const steps = error?.instancePath.split('/').slice(1) ?? [];
  if (error?.keyword === 'required')
    return `${placeOf(within, [...steps, ...error.params.requiredProperties.slice(0, 1)])} is missing`;
  return `${placeOf(within, steps) || 'the message'} is ${wordsOf(schemaAt(shape.Type(), steps))}`;
};

const placeOf = (within: string, steps: readonly string[]): string =>
  steps.reduce(
    (place, step) => (/^\d+$/.test(step) ? `${place}[${step}]` : place === '' ? step : `${place}.${step}`),
    within,
  );

/** The part of a schema that is about the value at the end of those steps. */
const schemaAt = (schema: unknown, steps: readonly string[]): unknown => {
  const [step, ...further] = steps;
  if (step === undefined) return schema;
  for (const one of oneOf(schema)) {
    const { properties, items } = isObject(one) ? one : {};
    const found = isObject(properties) && Object.hasOwn(properties, step) ? properties[step] : items;
    if (found !== undefined) return schemaAt(found, further);
  }
  return undefined;
};

/** What may stand there, one of these; null is a word of its own for what is left out, and goes without saying. */
const oneOf = (schema: unknown): readonly unknown[] => {
  const { anyOf } = isObject(schema) ? schema : {};
  if (!Array.isArray(anyOf)) return [schema];
  return anyOf.filter((one: unknown) => !isObject(one) || one['type'] !== 'null').flatMap(oneOf);
};

/** What a value is not, which is not as the schema says: `no text`, `no whole number from 0 to 255`. */
const wordsOf = (schema: unknown): string => {
  if (isObject(schema) && typeof schema['description'] === 'string') return `no ${schema['description']}`;
  const all = oneOf(schema);
  const constants = all
    .map((one) => (isObject(one) ? one['const'] : undefined))
    .filter((one) => typeof one === 'string' || typeof one === 'number');
  if (constants.length > 0 && constants.length === all.length) return `none of ${constants.join(', ')}`;
  return all.map(kindWords).join(' and ');
};

const kindWords = (schema: unknown): string => {
  const said = isObject(schema) ? schema : {};
  const bound = (name: string, words: string): string =>
    typeof said[name] === 'number' ? ` ${words} ${said[name]}` : '';
  switch (said['type']) {
    case 'integer':
      return `no whole number${bound('minimum', 'from')}${bound('maximum', 'to')}`;
    case 'number':
      return `no number${bound('minimum', 'from')}${bound('maximum', 'to')}`;
    case 'string':
      return `no text${bound('maxLength', 'with a length of at most')}`;
    case 'boolean':
      return 'neither true nor false';
    case 'array':
      return `no list${bound('maxItems', 'of at most')}`;
    case 'object':
      return 'no object';
    default:
      return 'not as it should be';
  }
};
