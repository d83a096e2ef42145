// Prints a JSON line for each record that warcio.js reads from a WARC file: id, type, URL, SHA-1 of the block.
import { createReadStream } from "node:fs";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, file] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
const { WARCParser } = require("warcio");

for await (const record of new WARCParser(createReadStream(file), { parseHttp: false })) {
  const digest = createHash("sha1");
  for await (const chunk of record) digest.update(chunk);
  console.log(
    JSON.stringify({
      id: record.warcHeader("WARC-Record-ID"),
      type: record.warcType,
      url: record.warcTargetURI ?? null,
      block: digest.digest("hex"),
    }),
  );
}
