// Counts who asks for it.
var asked = 0;
Object.defineProperty(globalThis, "decodeUplink", { get: function () { asked++; return function () { return { data: { asked: asked > 0 } }; }; } });
