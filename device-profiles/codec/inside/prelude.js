// Runs in the sandbox, before the codec, and gives the host the functions that it calls. What they need later is taken
// now, while the built-ins are still the interpreter's own: a codec may replace them for itself only.
((limits) => {
  'use strict';
  const { parse, stringify } = JSON;
  const { construct } = Reflect;
  const { isArray } = Array;
  const { defineProperty, getOwnPropertySymbols, getPrototypeOf, hasOwn, keys } = Object;
  const text = String;
  /** A method as a function of its object, whatever becomes of `call` and `bind`. */
  const loose = (method) => Function.prototype.call.bind(method);
  const ObjectPrototype = Object.prototype;
  const ArrayPrototype = Array.prototype;
  const PromisePrototype = Promise.prototype;
  const getterOf = loose(ObjectPrototype.__lookupGetter__);
  const slice = loose(ArrayPrototype.slice);
  const cut = loose(String.prototype.slice);
  const getFloat64 = loose(DataView.prototype.getFloat64);
  const getInt16 = loose(DataView.prototype.getInt16);
  const getUint16 = loose(DataView.prototype.getUint16);
  const RealUint8Array = Uint8Array;
  const RealDataView = DataView;
  const typedArrayKind = loose(getterOf(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag));

  // --- what a codec finds -----------------------------------------------------------------------------------------

  const replaceGlobal = (name, value) => defineProperty(globalThis, name, { value, writable: true, configurable: true });

  // A decode must give the same result next year, when history is decoded again: "now" is when the frame was received.
  const RealDate = Date;
  let now = 0;
  function FrozenDate(...parts) {
    if (new.target === undefined) return new RealDate(now).toString();
    return construct(RealDate, parts.length === 0 ? [now] : parts, new.target);
  }
  FrozenDate.prototype = RealDate.prototype;
  RealDate.prototype.constructor = FrozenDate;
  defineProperty(FrozenDate, 'name', { value: 'Date' });
  defineProperty(FrozenDate, 'length', { value: RealDate.length });
  FrozenDate.now = () => now;
  FrozenDate.parse = RealDate.parse;
  FrozenDate.UTC = RealDate.UTC;
  replaceGlobal('Date', FrozenDate);
  // Chance has no place in a measurement, nor has the moment at which memory is tidied up.
  Math.random = () => 0;
  delete globalThis.WeakRef;
  delete globalThis.FinalizationRegistry;
  // There is nobody to share it with.
  delete globalThis.SharedArrayBuffer;

  // Nothing in the language tells a proxy from what it stands for, so each one is remembered at its birth.
  const RealProxy = Proxy;
  const proxies = new WeakSet();
  const isProxy = loose(WeakSet.prototype.has);
  const remember = loose(WeakSet.prototype.add);
  const { revocable } = Proxy;
  function KnownProxy(target, handler) {
    if (new.target === undefined) throw new TypeError('Proxy must be called with new');
    const proxy = new RealProxy(target, handler);
    remember(proxies, proxy);
    return proxy;
  }
  KnownProxy.prototype = undefined;
  defineProperty(KnownProxy, 'name', { value: 'Proxy' });
  KnownProxy.revocable = (target, handler) => {
    const pair = revocable(target, handler);
    remember(proxies, pair.proxy);
    return pair;
  };
  replaceGlobal('Proxy', KnownProxy);

  const silent = () => {};
  const console = {};
  for (const name of ['assert', 'debug', 'dir', 'error', 'group', 'groupEnd', 'info', 'log', 'table', 'time', 'timeEnd', 'trace', 'warn'])
    console[name] = silent;
  replaceGlobal('console', console);

  // --- what a codec may answer --------------------------------------------------------------------------------------

  /** What we throw, and no codec ever gets hold of; what is wrong stands in `wrong`. */
  const FAULT = {};
  let wrong = '';
  const fault = (words) => {
    wrong = words;
    throw FAULT;
  };
  /** Keys from the top of the answer to the value at hand. */
  const trail = [];
  let looked = 0;
  const path = (key) => {
    let words = trail[0];
    for (let at = 1; at < trail.length; at += 1) words += step(trail[at]);
    return key === undefined ? words : words + step(key);
  };
  const step = (key) => (typeof key === 'number' ? '[' + key + ']' : '.' + key);
  /** Whether a value is one that JSON can hold, down to its leaves. Runs nothing of the codec's. */
  const look = (key, value) => {
    const kind = typeof value;
    if (kind === 'string' || kind === 'boolean' || kind === 'undefined' || value === null) return;
    if (kind === 'number') {
      if (!(value > -Infinity && value < Infinity)) fault(path(key) + ' is ' + value);
      return;
    }
    if (kind !== 'object') fault(path(key) + ' is a ' + kind);
    if (trail.length > limits.depth) fault(path(key) + ' is nested deeper than ' + limits.depth + ' levels');
    trail[trail.length] = key;
    lookInto(value);
    trail.length -= 1;
  };
  const lookInto = (value) => {
    if (isProxy(proxies, value)) fault(path() + ' is a proxy');
    if (isArray(value)) {
      if (getPrototypeOf(value) !== ArrayPrototype) fault(path() + ' is an instance of a class');
      const { length } = value;
      count(length);
      for (let at = 0; at < length; at += 1) {
        if (getterOf(value, at) !== undefined) fault(path(at) + ' is a getter');
        look(at, value[at]);
      }
      return;
    }
    const prototype = getPrototypeOf(value);
    if (prototype !== ObjectPrototype && prototype !== null)
      fault(path() + (prototype === PromisePrototype ? ' is a promise' : ' is an instance of a class'));
    if (getOwnPropertySymbols(value).length > 0) fault(path() + ' has a symbol for a key');
    const names = keys(value);
    count(names.length);
    for (let at = 0; at < names.length; at += 1) {
      const name = names[at];
      if (name === '__proto__') fault(path(name) + ' is a key that nobody may have');
      if (prototype === null ? hidden(value, name) : getterOf(value, name) !== undefined) fault(path(name) + ' is a getter');
      look(name, value[name]);
    }
  };
  const { getOwnPropertyDescriptor } = Object;
  const hidden = (value, name) => hasOwn(getOwnPropertyDescriptor(value, name), 'get');
  /** Each value takes two characters at least, so more than that cannot fit; it also ends a walk through a cycle. */
  const count = (more) => {
    looked += more;
    if (looked > limits.characters / 2) fault('the answer has more than ' + limits.characters / 2 + ' values');
  };
  const sound = (name, value) => {
    trail.length = 0;
    looked = 0;
    look(name, value);
  };
  const write = (value) => {
    if (hasOwn(ObjectPrototype, 'toJSON') || hasOwn(ArrayPrototype, 'toJSON')) fault('there is a toJSON for everything');
    const json = stringify(value);
    if (json.length > limits.characters) fault('the answer has ' + json.length + ' characters; ' + limits.characters + ' are allowed');
    return '=' + json;
  };
  /** The answer itself, of which only some keys count: an object without tricks. */
  const answerOf = (name, answer) => {
    if (typeof answer !== 'object' || answer === null) fault(name + ' returned no object');
    if (isProxy(proxies, answer)) fault(name + ' returned a proxy');
    const prototype = getPrototypeOf(answer);
    if (prototype === PromisePrototype) fault(name + ' returned a promise');
    if (prototype !== ObjectPrototype && prototype !== null) fault(name + ' returned an instance of a class');
    return answer;
  };
  const own = (answer, key) => {
    if (!hasOwn(answer, key)) return undefined;
    if (hidden(answer, key)) fault(key + ' is a getter');
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
    if (!isArray(warnings) || isProxy(proxies, warnings)) return '';
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
    sound('data', data);
    if (!isRows(data)) fault('data is neither an object nor an array of objects');
    return write(data);
  };
  const dataOf = (name, answer) => {
    answerOf(name, answer);
    return refusal(answer) ?? warned(answer) + rows(own(answer, 'data'));
  };
  const downlink = (bytes, fPort) => {
    if (typedArrayKind(bytes) === 'Uint8Array') bytes = slice(bytes);
    sound('bytes', bytes);
    if (!isArray(bytes)) fault('bytes is no array of numbers');
    if (bytes.length > limits.bytes) fault('bytes has ' + bytes.length + ' of them; ' + limits.bytes + ' are allowed');
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (typeof byte !== 'number' || (byte & 255) !== byte) fault('bytes[' + at + '] is no whole number from 0 to 255');
    }
    if (fPort !== undefined && (typeof fPort !== 'number' || (fPort & 255) !== fPort || fPort === 0))
      fault('fPort is no whole number from 1 to 255');
    return write({ bytes, fPort });
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

  // Frames lie one after the other in a buffer: frames.ts says how.
  const HEAD = 12;
  let bytes, view, at, variables, frames;
  /** Takes frames over, to be worked on one by one. */
  calls.begin = (buffer, json) => {
    bytes = new RealUint8Array(buffer);
    view = new RealDataView(buffer);
    at = 0;
    frames = 0;
    variables = json === undefined ? undefined : parse(json);
  };
  const nextFrame = () => {
    now = getFloat64(view, at, true);
    const fPort = getInt16(view, at + 8, true);
    const start = at + HEAD;
    at = start + getUint16(view, at + 10, true);
    const own = variables === undefined ? undefined : variables[frames];
    frames += 1;
    return {
      bytes: slice(bytes, start, at),
      fPort: fPort < 0 ? undefined : fPort,
      recvTime: new RealDate(now),
      variables: own ? parse(own) : {},
    };
  };
  calls.decodeUplink = () => said(uplinkOf, nextFrame());
  calls.decodeDownlink = () => said(downlinkOf, nextFrame());
  const onJson = (call) => (json) => {
    const input = parse(json);
    now = input.now;
    return said(call, input.input);
  };
  calls.encodeDownlink = onJson((input) => encode(input));
  calls.normalizeUplink = onJson((input) => normalize(input));
  return calls;
})
