// Now is when the codec says.
Date.now = function () { return 5; };
var Real = Date;
Date = function () { return new Real(5); };
function decodeUplink(input) { return { data: { now: Date.now === Real.now ? 0 : 1, received: input.recvTime.getTime() } }; }
