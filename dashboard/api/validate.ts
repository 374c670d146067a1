import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';

/** One fault of a request, as problem.ts of the HTTP server reads it: where, and what. */
interface Fault {
  readonly instancePath: string;
  readonly message: string;
  readonly keyword: string;
  readonly schemaPath: string;
  readonly params: Record<string, never>;
}

/**
 * Checks requests with the very schemas that type them. A body is taken as it is: null is not 0 and "40" is not 40.
 * In a query everything is text, so there numbers and booleans are read from it, and a single value becomes a list.
 */
export const checkedByTypebox: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema);
  return (given: unknown) => {
    const value: unknown = httpPart === 'body' ? given : Value.Convert(schema, given);
    return compiled.Check(value) ? { value } : { error: compiled.Errors(value).flatMap(faultsOf) };
  };
};

type Found = ReturnType<ReturnType<typeof Compile>['Errors']>[number];

const fault = (instancePath: string, message: string): Fault => ({
  instancePath,
  message,
  keyword: '',
  schemaPath: '',
  params: {},
});

/** A missing and an unknown key are named themselves, not the object that they are missing from or strange to. */
const faultsOf = (found: Found): Fault[] => {
  const { instancePath, keyword, params, message } = found;
  if (keyword === 'required')
    return params.requiredProperties.map((key) => fault(`${instancePath}/${key}`, 'is required'));
  if (keyword === 'additionalProperties')
    return params.additionalProperties.map((key) => fault(`${instancePath}/${key}`, 'is not known here'));
  if (keyword === 'enum') return [fault(instancePath, `must be one of: ${params.allowedValues.join(', ')}`)];
  // Said of each unknown key once more, by the schema `false` that refuses it.
  if (keyword === 'boolean') return [];
  return [fault(instancePath, message)];
};
