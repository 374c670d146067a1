// The same by its keyword.
async function decodeUplink() { return { data: { a: 1 } }; }
