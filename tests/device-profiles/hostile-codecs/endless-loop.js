// Never returns.
function decodeUplink(input) {
  for (;;);
}
