// Never comes to anything.
function decodeUplink(input) {
  var got = "nothing";
  import("fs").then(function () { got = "fs"; }, function () { got = "an error"; });
  return { data: { got: got } };
}
