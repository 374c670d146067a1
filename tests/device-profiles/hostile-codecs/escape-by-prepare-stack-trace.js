// What Node.js would run with its own objects.
function decodeUplink(input) {
  Error.prepareStackTrace = function (error, frames) { return frames[0].getThis(); };
  return { data: { a: typeof new Error("x").stack } };
}
