// Looks for who called it.
function decodeUplink(input) {
  var caller;
  try { caller = decodeUplink.caller || arguments.callee.caller; } catch (e) { caller = undefined; }
  return { data: { caller: typeof caller } };
}
