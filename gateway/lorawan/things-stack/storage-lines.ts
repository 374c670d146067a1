/**
 * One stored message with its envelope is seldom larger than 10 kB; hundreds of gateways may have heard a frame from a
 * balloon. What is larger than a webhook's body may be, and four times that, is nobody's.
 */
const LINE_AT_MOST_BYTES = 262_144;

/** A line; `too-long` in place of one that is; or what stood behind the last line's end when the answer was over. */
export type Line =
  | { readonly kind: 'line'; readonly bytes: Uint8Array }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'rest'; readonly bytes: Uint8Array };

/**
 * The lines of an answer as they come, blank ones left out, in the memory of one line. The field name of server-sent
 * events, `data:`, is taken off: the media type of this answer promises it, and what it has is bare lines of JSON.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let held: Uint8Array[] = [];
  let length = 0;
  let skipping = false;
  const hold = (part: Uint8Array): void => {
    length += part.length;
    if (length > LINE_AT_MOST_BYTES) {
      skipping = true;
      held = [];
    } else held.push(part);
  };
  const taken = (): Uint8Array => {
    const line = withoutField(Buffer.concat(held));
    held = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      if (!skipping) hold(chunk.subarray(from, end));
      const line = taken();
      if (skipping) yield { kind: 'too-long' };
      else if (line.length > 0) yield { kind: 'line', bytes: line };
      skipping = false;
      from = end + 1;
    }
    if (!skipping) hold(chunk.subarray(from));
  }
  const rest = taken();
  if (skipping) yield { kind: 'too-long' };
  else if (rest.length > 0) yield { kind: 'rest', bytes: rest };
}

const withoutField = (line: Buffer): Uint8Array => {
  const text = line.toString('latin1').trim();
  const bare = text.startsWith('data:') ? text.slice(5).trim() : /^(?:event:|id:|retry:|:)/.test(text) ? '' : text;
  return bare.length === line.length ? line : Buffer.from(bare, 'latin1');
};
