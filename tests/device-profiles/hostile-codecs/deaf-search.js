// As deaf: a search through a list as long as numbers go.
function decodeUplink(input) {
  return Array.prototype.indexOf.call({ length: Math.pow(2, 53) - 1 }, 1);
}
