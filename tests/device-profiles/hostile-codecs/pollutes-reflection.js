// Whoever looks is told lies.
Reflect.ownKeys = Object.keys = Object.getOwnPropertyNames = function () { return []; };
Object.getPrototypeOf = Reflect.getPrototypeOf = function () { return Object.prototype; };
Object.prototype.__lookupGetter__ = function () {};
WeakSet.prototype.has = function () { return false; };
function decodeUplink() { return { data: { at: new Proxy({}, {}), bad: 0 / 0 } }; }
