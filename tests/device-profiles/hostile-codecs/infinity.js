// Deep inside.
function decodeUplink(input) {
  return { data: { deep: [{ a: -1 / 0 }] } };
}
