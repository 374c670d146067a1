// Calls itself without end.
function decodeUplink(input) {
  return decodeUplink(input);
}
