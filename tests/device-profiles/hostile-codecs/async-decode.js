// Promises to answer later.
function decodeUplink(input) {
  return Promise.resolve({ data: { a: 1 } });
}
