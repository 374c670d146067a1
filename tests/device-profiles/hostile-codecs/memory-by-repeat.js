// Half a gigabyte of the same letter.
function decodeUplink(input) {
  return { data: { a: "x".repeat(1 << 29).length } };
}
