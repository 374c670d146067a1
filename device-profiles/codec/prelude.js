// Runs in the sandbox, before the codec, and gives the host the one function that it calls for each frame. What it
// needs later is taken now, while the built-ins are still the interpreter's own: a codec may replace them for itself
// only.
(() => {
  'use strict';
  const { parse, stringify } = JSON;
  const { construct } = Reflect;
  const { isArray } = Array;
  const text = String;
  const RealDate = Date;
  let now = 0;

  // A decode must give the same result next year, when history is decoded again: "now" is when the frame was received.
  function FrozenDate(...parts) {
    if (new.target === undefined) return new RealDate(now).toString();
    return construct(RealDate, parts.length === 0 ? [now] : parts, new.target);
  }
  FrozenDate.prototype = RealDate.prototype;
  RealDate.prototype.constructor = FrozenDate;
  Object.defineProperty(FrozenDate, 'name', { value: 'Date' });
  Object.defineProperty(FrozenDate, 'length', { value: RealDate.length });
  FrozenDate.now = () => now;
  FrozenDate.parse = RealDate.parse;
  FrozenDate.UTC = RealDate.UTC;
  globalThis.Date = FrozenDate;
  // Chance has no place in a measurement.
  Math.random = () => 0;

  // JSON would write NaN as null, and drop a function without a word.
  const asJson = (key, value) => {
    const kind = typeof value;
    if (kind === 'number' && !(value > -Infinity && value < Infinity)) throw { output: `${key} is ${value}` };
    if (kind === 'bigint' || kind === 'function' || kind === 'symbol') throw { output: `${key} is a ${kind}` };
    return value;
  };

  return (frame) => {
    const input = parse(frame);
    now = input.recvTime;
    input.recvTime = new RealDate(now);
    try {
      if (typeof decodeUplink !== 'function') throw { output: 'there is no function decodeUplink' };
      const result = decodeUplink(input);
      if (typeof result !== 'object' || result === null) throw { output: 'decodeUplink returned no object' };
      const { errors } = result;
      if (errors && errors.length > 0) return stringify({ refused: text(isArray(errors) ? errors[0] : errors) });
      return stringify({ data: result.data }, asJson);
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'output' in error)
        return stringify({ output: text(error.output) });
      return stringify({ thrown: text(error) });
    }
  };
})();
