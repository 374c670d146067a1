// The same one level up.
function decodeUplink(input) {
  return { get data() { for (;;); } };
}
