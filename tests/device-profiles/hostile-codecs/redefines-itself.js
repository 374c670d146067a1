// Is another codec after the first frame; is asked for its function once only.
function decodeUplink(input) {
  decodeUplink = function () { return { data: { second: true } }; };
  return { data: { first: true } };
}
