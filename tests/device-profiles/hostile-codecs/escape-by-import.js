// A module is not a script.
import fs from "fs";
function decodeUplink() { return { data: {} }; }
