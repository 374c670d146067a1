// A program nested a hundred thousand deep.
function decodeUplink(input) {
  return eval("(".repeat(100000));
}
