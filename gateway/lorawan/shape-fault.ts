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
  if (error?.keyword === 'required') return `${placeOf(within, [...steps, ...error.params.requiredProperties.slice(0, 1)])} is missing`;
  return `${placeOf(within, steps) || 'the message'} is ${wordsOf(schemaAt(shape.Type(), steps))}`;
};

const placeOf = (within: string, steps: readonly string[]): string =>
  steps.reduce((place, step) => (/^\d+$/.test(step) ? `${place}[${step}]` : place === '' ? step : `${place}.${step}`), within);

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
  const constants = all.flatMap((one) => (isObject(one) && 'const' in one ? [String(one['const'])] : []));
  if (constants.length > 0 && constants.length === all.length) return `none of ${constants.join(', ')}`;
  return all.map(kindWords).join(' and ');
};

const kindWords = (schema: unknown): string => {
  const { type, minimum, maximum, maxLength, maxItems } = isObject(schema) ? schema : {};
  const range = `${minimum === undefined ? '' : ` from ${String(minimum)}`}${maximum === undefined ? '' : ` to ${String(maximum)}`}`;
  switch (type) {
    case 'integer':
      return `no whole number${range}`;
    case 'number':
      return `no number${range}`;
    case 'string':
      return maxLength === undefined ? 'no text' : `no text of at most ${String(maxLength)} characters`;
    case 'boolean':
      return 'neither true nor false';
    case 'array':
      return maxItems === undefined ? 'no list' : `no list of at most ${String(maxItems)}`;
    case 'object':
      return 'no object';
    default:
      return 'not as it should be';
  }
};
