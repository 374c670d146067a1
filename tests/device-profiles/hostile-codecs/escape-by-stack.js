// Looks for the files of the host in an error.
function decodeUplink(input) {
  return { data: { host: /[/\\]|node:|wasm/.test(new Error("x").stack.replace(/codec\.js|prelude\.js|buffer\.js/g, "")) } };
}
