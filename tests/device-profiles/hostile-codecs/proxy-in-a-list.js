// One of the readings is one.
function decodeUplink(input) {
  return { data: [{ a: 1 }, new Proxy({ b: 2 }, {})] };
}
