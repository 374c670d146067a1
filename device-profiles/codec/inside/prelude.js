// Runs in the sandbox, before the codec, and gives the host the functions that it calls. What they need later is taken
// now, while the built-ins are still the interpreter's own: a codec may replace them for itself only.
((limits, globals) => {
  'use strict';
  const { RealDate, proxies, setNow } = globals;
  const { parse, stringify } = JSON;
  const { isArray } = Array;
  const { getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf, hasOwn, keys } = Object;
  /** A method as a function of its object, whatever becomes of `call` and `bind`. */
  const loose = (method) => Function.prototype.call.bind(method);
  const ObjectPrototype = Object.prototype;
  const ArrayPrototype = Array.prototype;
  const PromisePrototype = Promise.prototype;
  const getterOf = loose(ObjectPrototype.__lookupGetter__);
  const { slice } = ArrayPrototype;
  const arrayOf = loose(slice);
  const toText = String;
  const cut = loose(String.prototype.slice);
  /** In words, of which the host quotes a line. */
  const text = (value) => cut(toText(value), 0, 1000);
  const RealFloat64Array = Float64Array;
  /** Bytes that become an array by a method which no codec can get at. */
  class Packed extends Uint8Array {}
  Packed.prototype.array = slice;
  const typedArrays = getPrototypeOf(Uint8Array.prototype);
  // That method asks for the length: found here, it is never looked for where a codec may have put a getter of its own.
  Packed.prototype.__defineGetter__('length', getterOf(typedArrays, 'length'));
  const typedArrayKind = loose(getterOf(typedArrays, Symbol.toStringTag));

  // --- what a codec may answer --------------------------------------------------------------------------------------

  /** What we throw, and no codec ever gets hold of; what is wrong stands in `wrong`. */
  const FAULT = {};
  let wrong = '';
  const fault = (words) => {
    wrong = words;
    throw FAULT;
  };
  /** Keys from the top of the answer to the value at hand. Without a prototype nobody listens to what is put in. */
  const trail = { __proto__: null };
  let depth = 0;
  let size = 0;
  const step = (key) => (typeof key === 'number' ? '[' + key + ']' : '.' + key);
  const path = (key) => {
    if (depth === 0) return key;
    let words = trail[0];
    for (let at = 1; at < depth; at += 1) words += step(trail[at]);
    return key === undefined ? words : words + step(key);
  };
  /** Counts characters that will at least be written, so that nothing much longer than what is allowed is ever made. */
  const count = (characters) => {
    size += characters;
    if (size > limits.characters) fault('the answer has more than ' + limits.characters + ' characters');
  };
  /** Each key as JSON, with its colon: a codec uses the same few all the time. */
  const keyTexts = { __proto__: null };
  let keyCount = 0;
  const keyText = (name) => {
    const known = keyTexts[name];
    if (known !== undefined) return known;
    const made = stringify(name) + ':';
    if (keyCount < 500) {
      keyTexts[name] = made;
      keyCount += 1;
    }
    return made;
  };
  /**
   * A value as JSON, undefined for undefined; refused unless JSON can hold it, down to its leaves. Runs nothing of the
   * codec's, not even a toJSON: that is why this is not left to JSON.stringify, which is slower, too.
   */
  const write = (key, value) => {
    if (typeof value === 'number') {
      if (value - value !== 0) fault(path(key) + ' is ' + value);
      return '' + value;
    }
    if (typeof value === 'string') {
      count(value.length);
      return stringify(value);
    }
    if (value === null) return 'null';
    if (typeof value === 'boolean') return value ? 'true' : 'false';
    if (typeof value === 'undefined') return undefined;
    if (typeof value !== 'object') fault(path(key) + ' is a ' + typeof value);
    if (depth >= limits.depth) fault(path(key) + ' is nested deeper than ' + limits.depth + ' levels');
    trail[depth] = key;
    depth += 1;
    if (proxies.has(value)) fault(path() + ' is a proxy');
    const json = isArray(value) ? writeList(value) : writeObject(value);
    depth -= 1;
    return json;
  };
  const writeList = (list) => {
    if (getPrototypeOf(list) !== ArrayPrototype) fault(path() + ' is an instance of a class');
    const { length } = list;
    count(length * 2);
    let json = '[';
    for (let at = 0; at < length; at += 1) {
      if (getterOf(list, at) !== undefined) fault(path(at) + ' is a getter');
      if (at > 0) json += ',';
      json += write(at, list[at]) ?? 'null';
    }
    return json + ']';
  };
  const writeObject = (object) => {
    const prototype = getPrototypeOf(object);
    if (prototype !== ObjectPrototype && prototype !== null)
      fault(path() + (prototype === PromisePrototype ? ' is a promise' : ' is an instance of a class'));
    if (getOwnPropertySymbols(object).length > 0) fault(path() + ' has a symbol for a key');
    const names = keys(object);
    let json = '';
    for (let at = 0; at < names.length; at += 1) {
      const name = names[at];
      if (name === '__proto__') fault(path(name) + ' is a key that nobody may have');
      if (isGetter(object, prototype, name)) fault(path(name) + ' is a getter');
      const text = write(name, object[name]);
      if (text === undefined) continue;
      count(name.length + 4);
      json += (json === '' ? '{' : ',') + keyText(name) + text;
    }
    return json === '' ? '{}' : json + '}';
  };
  const isGetter = (object, prototype, name) =>
    prototype === null ? hasOwn(getOwnPropertyDescriptor(object, name), 'get') : getterOf(object, name) !== undefined;
  /** Writes a value that stands at the top of an answer. */
  const top = (name, value) => {
    depth = 0;
    size = 0;
    const json = write(name, value);
    if (json !== undefined && json.length > limits.characters) count(json.length);
    return json;
  };
  /** The answer itself, of which only some keys count: an object without tricks. */
  const answerOf = (name, answer) => {
    if (typeof answer !== 'object' || answer === null) fault(name + ' returned no object');
    if (proxies.has(answer)) fault(name + ' returned a proxy');
    const prototype = getPrototypeOf(answer);
    if (prototype === PromisePrototype) fault(name + ' returned a promise');
    if (prototype !== ObjectPrototype && prototype !== null) fault(name + ' returned an instance of a class');
    return answer;
  };
  const own = (answer, key) => {
    if (!hasOwn(answer, key)) return undefined;
    if (isGetter(answer, getPrototypeOf(answer), key)) fault(key + ' is a getter');
    return answer[key];
  };
  /** The first of the codec's own errors, in words. */
  const refusal = (answer) => {
    const errors = own(answer, 'errors');
    if (!errors || !(errors.length > 0)) return undefined;
    return '!' + text(isArray(errors) ? errors[0] : errors);
  };
  /** The codec's warnings, on a line of their own: they are no part of the answer, and one that is no text is left out. */
  const warned = (answer) => {
    const warnings = own(answer, 'warnings');
    if (!isArray(warnings) || proxies.has(warnings)) return '';
    let list = '';
    for (let at = 0; at < warnings.length && at < 8; at += 1) {
      if (getterOf(warnings, at) !== undefined || typeof warnings[at] !== 'string') continue;
      list += (list === '' ? '' : ',') + stringify(cut(warnings[at], 0, 200));
    }
    return list === '' ? '' : '~[' + list + ']\n';
  };
  const isRows = (data) => {
    if (typeof data !== 'object' || data === null) return false;
    if (!isArray(data)) return true;
    for (let at = 0; at < data.length; at += 1) {
      if (typeof data[at] !== 'object' || data[at] === null || isArray(data[at])) return false;
    }
    return true;
  };
  const rows = (data) => {
    const json = top('data', data);
    if (!isRows(data)) fault('data is neither an object nor an array of objects');
    return '=' + json;
  };
  const dataOf = (name, answer) => {
    answerOf(name, answer);
    return refusal(answer) ?? warned(answer) + rows(own(answer, 'data'));
  };
  const downlink = (bytes, fPort) => {
    if (typedArrayKind(bytes) === 'Uint8Array') bytes = arrayOf(bytes);
    const json = top('bytes', bytes);
    if (!isArray(bytes)) fault('bytes is no array of numbers');
    if (bytes.length > limits.bytes) fault('bytes has ' + bytes.length + ' of them; ' + limits.bytes + ' are allowed');
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (typeof byte !== 'number' || (byte & 255) !== byte) fault('bytes[' + at + '] is no whole number from 0 to 255');
    }
    if (fPort !== undefined && (typeof fPort !== 'number' || (fPort & 255) !== fPort || fPort === 0))
      fault('fPort is no whole number from 1 to 255');
    return '={"bytes":' + json + (fPort === undefined ? '' : ',"fPort":' + fPort) + '}';
  };

  // --- what the host calls --------------------------------------------------------------------------------------------

  const calls = {};
  /** Finds the codec's functions, once: what it does to their names later changes nothing. */
  calls.open = () => {
    const f = (found) => (typeof found === 'function' ? found : undefined);
    const found = {
      decodeUplink: f(typeof decodeUplink === 'undefined' ? undefined : decodeUplink),
      Decoder: f(typeof Decoder === 'undefined' ? undefined : Decoder),
      Converter: f(typeof Converter === 'undefined' ? undefined : Converter),
      Decode: f(typeof Decode === 'undefined' ? undefined : Decode),
      decodeDownlink: f(typeof decodeDownlink === 'undefined' ? undefined : decodeDownlink),
      encodeDownlink: f(typeof encodeDownlink === 'undefined' ? undefined : encodeDownlink),
      Encoder: f(typeof Encoder === 'undefined' ? undefined : Encoder),
      Encode: f(typeof Encode === 'undefined' ? undefined : Encode),
      normalizeUplink: f(typeof normalizeUplink === 'undefined' ? undefined : normalizeUplink),
    };
    uplinkOf = uplinkWith(found);
    downlinkOf = downlinkWith(found);
    encode = encodeWith(found);
    normalize = normalizeWith(found);
  };
  let uplinkOf, downlinkOf, encode, normalize;

  const uplinkWith = ({ decodeUplink, Decoder, Converter, Decode }) => {
    if (decodeUplink) return (input) => dataOf('decodeUplink', decodeUplink(input));
    if (Decoder)
      return ({ bytes, fPort }) => {
        const decoded = answerOf('Decoder', Decoder(bytes, fPort));
        return rows(Converter ? answerOf('Converter', Converter(decoded, fPort)) : decoded);
      };
    if (Decode) return ({ bytes, fPort, variables }) => rows(answerOf('Decode', Decode(fPort, bytes, variables)));
    return () => fault('there is no function decodeUplink, Decoder or Decode');
  };
  const downlinkWith = ({ decodeDownlink }) =>
    decodeDownlink
      ? (input) => dataOf('decodeDownlink', decodeDownlink(input))
      : () => fault('there is no function decodeDownlink');
  const encodeWith = ({ encodeDownlink, Encoder, Encode }) => {
    if (encodeDownlink)
      return (input) => {
        const answer = answerOf('encodeDownlink', encodeDownlink(input));
        return refusal(answer) ?? downlink(own(answer, 'bytes'), own(answer, 'fPort'));
      };
    if (Encoder) return ({ data, fPort }) => downlink(Encoder(data, fPort), fPort);
    if (Encode) return ({ data, fPort, variables }) => downlink(Encode(fPort, data, variables), fPort);
    return () => fault('there is no function encodeDownlink, Encoder or Encode');
  };
  const normalizeWith = ({ normalizeUplink }) =>
    normalizeUplink
      ? (input) => dataOf('normalizeUplink', normalizeUplink(input))
      : () => fault('there is no function normalizeUplink');

  /** Runs one call and puts into one text what came of it. */
  const said = (call, input) => {
    try {
      return call(input);
    } catch (error) {
      if (error === FAULT) return '?' + wrong;
      return '#' + text(error);
    }
  };

  // Frames lie in a buffer as frames.ts packs them: three numbers for each, and then the bytes of all.
  let heads, bytes, head, at, variables, frames;
  /** Takes frames over, to be worked on one by one. */
  calls.begin = (buffer, count, json) => {
    heads = new RealFloat64Array(buffer, 0, count * 3);
    bytes = new Packed(buffer, count * 24);
    head = 0;
    at = 0;
    frames = 0;
    variables = json === undefined ? undefined : parse(json);
  };
  const nextFrame = () => {
    const now = heads[head];
    setNow(now);
    const fPort = heads[head + 1];
    const start = at;
    at += heads[head + 2];
    head += 3;
    const own = variables === undefined ? undefined : variables[frames];
    frames += 1;
    return {
      bytes: bytes.array(start, at),
      fPort: fPort < 0 ? undefined : fPort,
      recvTime: new RealDate(now),
      variables: own ? parse(own) : {},
    };
  };
  calls.decodeUplink = () => said(uplinkOf, nextFrame());
  calls.decodeDownlink = () => said(downlinkOf, nextFrame());
  const onJson = (call) => (json) => {
    const input = parse(json);
    setNow(input.now);
    return said(call, input.input);
  };
  calls.encodeDownlink = onJson((input) => encode(input));
  calls.normalizeUplink = onJson((input) => normalize(input));
  return calls;
})
