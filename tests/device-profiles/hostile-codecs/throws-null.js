// Nothing at all.
function decodeUplink(input) {
  throw null;
}
