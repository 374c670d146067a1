// Runs in the sandbox, before the codec: the built-ins that a codec finds changed. Gives prelude.js what it needs of them.
(() => {
  'use strict';
  const { construct } = Reflect;
  const { defineProperty } = Object;
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
  // Methods of its own, which are found faster than a function of any object and are out of a codec's reach as well.
  proxies.has = WeakSet.prototype.has;
  proxies.add = WeakSet.prototype.add;
  const { revocable } = Proxy;
  function KnownProxy(target, handler) {
    if (new.target === undefined) throw new TypeError('Proxy must be called with new');
    const proxy = new RealProxy(target, handler);
    proxies.add(proxy);
    return proxy;
  }
  KnownProxy.prototype = undefined;
  defineProperty(KnownProxy, 'name', { value: 'Proxy' });
  KnownProxy.revocable = (target, handler) => {
    const pair = revocable(target, handler);
    proxies.add(pair.proxy);
    return pair;
  };
  replaceGlobal('Proxy', KnownProxy);

  const silent = () => {};
  const console = {};
  for (const name of ['assert', 'debug', 'dir', 'error', 'group', 'groupEnd', 'info', 'log', 'table', 'time', 'timeEnd', 'trace', 'warn'])
    console[name] = silent;
  replaceGlobal('console', console);

  return {
    RealDate,
    proxies,
    /** From now on it is then. */
    setNow: (time) => {
      now = time;
    },
  };
})
