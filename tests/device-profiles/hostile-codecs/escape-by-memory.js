// Looks for the memory that the frames came in.
function decodeUplink(input) {
  return { data: { isArray: Array.isArray(input.bytes), buffer: typeof input.bytes.buffer } };
}
