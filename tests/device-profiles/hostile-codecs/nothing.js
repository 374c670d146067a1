// Answers nothing.
function decodeUplink(input) {
  return;
}
