// Would be endless to read; is not read.
function decodeUplink(input) {
  return { data: { air: { get t() { for (;;); } } } };
}
