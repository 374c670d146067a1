import { Type } from 'typebox';

/** A section: all of it has defaults, so that it may be left out, and an unknown key in it is a fault. */
export const section = <T extends Parameters<typeof Type.Object>[0]>(properties: T, description: string) =>
  Type.Object(properties, { additionalProperties: false, default: {}, description });

/** The address that a listener binds. */
export const host = () =>
  Type.String({ default: '127.0.0.1', description: 'Address to listen on. Loopback unless you say otherwise.' });

/** A port to listen on, 0 for none. */
export const port = (fallback: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65535, default: fallback, description: `${description} 0 switches it off.` });
