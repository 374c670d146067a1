// A comparison that never decides.
function decodeUplink(input) {
  return { data: [3, 2, 1].sort(function () { for (;;); }) };
}
