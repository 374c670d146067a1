// A number that is an object.
function decodeUplink(input) {
  return { data: { a: new Number(5) } };
}
