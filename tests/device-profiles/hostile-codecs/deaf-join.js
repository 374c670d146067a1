// One call that runs for hours and never asks for the time: only the death of its thread ends it.
function decodeUplink(input) {
  return { data: { a: new Array(1e9).join() } };
}
