// Answers bit by bit.
function* decodeUplink() { yield { data: { a: 1 } }; }
