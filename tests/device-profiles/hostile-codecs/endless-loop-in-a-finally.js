// Goes on when it is stopped.
function decodeUplink(input) {
  function f() { try { for (;;); } finally { f(); } }
  f();
}
