// Text nested a hundred thousand deep.
function decodeUplink(input) {
  return JSON.parse("[".repeat(100000));
}
