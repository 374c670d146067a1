// A time, which JSON would make text.
function decodeUplink(input) {
  return { data: { at: new Date() } };
}
