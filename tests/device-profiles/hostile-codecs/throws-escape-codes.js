// Would paint a terminal red.
function decodeUplink(input) {
  throw new Error("\u001b[31mred\u0007\n2026-01-01 forged log line");
}
