import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { Content } from '../../../commands/demo/lorawan/payloads/content.ts';

const catalogue = join(import.meta.dirname, '../../../device-profiles/catalogue');

/** What the codec of a profile of ours makes of a payload: `data`, or its errors. */
export const codecOf = (profile: string): ((content: Content) => unknown) => {
  const source = readFileSync(join(catalogue, profile, 'codec.js'), 'utf8');
  const calling = '(text) => JSON.stringify(decodeUplink(JSON.parse(text)))';
  const decode = runInNewContext(`${source}\n${calling}`, {}, { timeout: 1000 });
  return ({ fPort, payload }) => {
    const said: unknown = JSON.parse(String(decode(JSON.stringify({ bytes: [...payload], fPort }))));
    if (typeof said === 'object' && said !== null && 'data' in said) return said.data;
    return said;
  };
};
