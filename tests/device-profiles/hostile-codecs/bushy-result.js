// Few objects, but very many ways to them.
function decodeUplink(input) {
  var leaf = { a: 1 };
  for (var i = 0; i < 7; i++) { var next = {}; for (var k = 0; k < 50; k++) next["k" + k] = leaf; leaf = next; }
  return { data: leaf };
}
