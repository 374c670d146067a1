// Has nothing to call.
var decodeUplink = 5;
