// Endless to find.
Object.defineProperty(globalThis, "decodeUplink", { get: function () { for (;;); } });
