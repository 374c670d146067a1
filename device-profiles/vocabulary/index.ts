/** The words of the whole house: types, their parsers, and nothing that does work. */
export * from './errors.ts';
export * from './ids.ts';
export * from './observation.ts';
export * from './quantity.ts';
export * from './refusal.ts';
export * from './time.ts';
export * from './unit.ts';
export * from './uplink.ts';
export * from './value.ts';
