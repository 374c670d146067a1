// Answers a number.
function decodeUplink(input) {
  return 5;
}
