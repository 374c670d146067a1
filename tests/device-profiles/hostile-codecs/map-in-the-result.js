// A Map, which JSON would make an empty object.
function decodeUplink(input) {
  return { data: { a: new Map([["b", 1]]) } };
}
