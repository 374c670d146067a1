// An error that is its own cause.
function decodeUplink(input) {
  var error = new Error("round and round");
  error.cause = error;
  error.self = error;
  throw error;
}
