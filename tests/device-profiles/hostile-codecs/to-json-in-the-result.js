// Would be endless to write; is not called.
function decodeUplink(input) {
  return { data: { toJSON: function () { for (;;); } } };
}
