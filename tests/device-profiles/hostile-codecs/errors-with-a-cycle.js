// Errors that are no text.
function decodeUplink(input) {
  var error = { name: "a" };
  error.error = error;
  return { errors: [error] };
}
