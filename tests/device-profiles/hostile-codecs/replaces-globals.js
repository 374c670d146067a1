// Takes away what the sandbox itself was written with.
String = Object = Array = Number = Reflect = WeakSet = DataView = Uint8Array = Proxy = undefined;
function decodeUplink(input) { return { data: { sum: input.bytes[0] + input.bytes[1] } }; }
