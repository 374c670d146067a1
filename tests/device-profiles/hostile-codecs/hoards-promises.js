// Leaves work behind, which nobody does.
function decodeUplink(input) {
  for (var i = 0; i < 100; i++) Promise.resolve().then(function () { for (;;); });
  return { data: { a: 1 } };
}
