// Would catch whatever stops it.
function decodeUplink(input) {
  for (;;) try { for (;;); } catch (e) {}
}
