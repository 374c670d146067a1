// Twice as long each time.
function decodeUplink(input) {
  var text = "x";
  for (;;) text += text;
}
