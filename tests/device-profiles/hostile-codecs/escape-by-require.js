// There is none.
function decodeUplink(input) {
  return { data: { a: require("fs").readdirSync("/").length } };
}
