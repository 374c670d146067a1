import { InvalidArgumentError, type Command } from 'commander';

const portOf = (text: string): number => {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 255) throw new InvalidArgumentError('a port is 0 to 255.');
  return Number(text);
};
const more = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** The options with which a command takes payloads. */
export const withPayloadOptions = (command: Command): Command =>
  command
    .option('--hex <bytes>', 'a payload in hexadecimal; spaces do not matter; repeatable', more, [])
    .option('--text <message>', 'a message to the letter')
    .option('--json-message <json>', 'a message that is JSON')
    .option('--file <path>', 'a file with a payload as it is')
    .option('--port <number>', 'the LoRaWAN port on which it came', portOf)
    .option('--at <time>', 'when it came in, ISO 8601; now unless given');
