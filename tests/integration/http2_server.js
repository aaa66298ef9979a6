// A two-way service over HTTP/2, for http2.sh: http2_server.js KEY CERTIFICATE.
//
// It checks the signature of every message against the secret "secret", and echoes each
// TextInputEvent as a TextResponseEvent. The session's id says how: "late..." answers its head after the first event only, "quiet..."
// says nothing but the head, "fail..." ends with an exception.
// Lines on stdout: the port, then one for each stream that has ended.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const http2 = require("http2");

// zlib has it only in newer versions of Node.
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});
const crc32 = (bytes) =>
  ~bytes.reduce((crc, byte) => (crc >>> 8) ^ table[(crc ^ byte) & 255], ~0) >>> 0;

const sha256 = (bytes) => crypto.createHash("sha256").update(bytes).digest("hex");
const hmac = (key, text) => crypto.createHmac("sha256", key).update(text).digest();

function encode(headers, payload) {
  const parts = Object.entries(headers).map(([name, value]) => {
    const part = Buffer.alloc(1 + name.length + 3 + Buffer.byteLength(value));
    part.writeUInt8(name.length, 0);
    part.write(name, 1);
    part.writeUInt8(7, 1 + name.length);
    part.writeUInt16BE(Buffer.byteLength(value), 2 + name.length);
    part.write(value, 4 + name.length);
    return part;
  });
  const head = Buffer.concat(parts);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + head.length + payload.length, 0);
  prelude.writeUInt32BE(head.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const end = Buffer.alloc(4);
  const rest = Buffer.concat([prelude, head, payload]);
  end.writeUInt32BE(crc32(rest), 0);
  return Buffer.concat([rest, end]);
}

function decode(frame) {
  const headers = {};
  const raw = {};
  const end = 12 + frame.readUInt32BE(4);
  for (let at = 12; at < end; ) {
    const start = at;
    const name = frame.toString("latin1", at + 1, at + 1 + frame[at]);
    at += 1 + frame[at];
    const type = frame[at++];
    const length = type === 8 ? 8 : frame.readUInt16BE(at);
    if (type !== 8) at += 2;
    const value = frame.subarray(at, at + length);
    headers[name] = type === 7 ? value.toString() : value;
    at += length;
    raw[name] = frame.subarray(start, at);
  }
  if (crc32(frame.subarray(0, frame.length - 4)) !== frame.readUInt32BE(frame.length - 4))
    throw new Error("wrong CRC");
  return { headers, raw, payload: frame.subarray(end, frame.length - 4) };
}

class Chain {
  constructor(headers) {
    const found = /Credential=[^/]+\/([^,]+),.*Signature=([0-9a-f]+)/.exec(headers.authorization);
    this.scope = found[1];
    this.prior = found[2];
    this.key = this.scope.split("/").reduce(hmac, "AWS4secret");
    if (headers["x-amz-content-sha256"] !== "STREAMING-AWS4-HMAC-SHA256-EVENTS")
      throw new Error("another content hash");
  }

  check(message) {
    const time = new Date(Number(message.headers[":date"].readBigInt64BE(0)));
    const text = [
      "AWS4-HMAC-SHA256-PAYLOAD",
      time.toISOString().replace(/[-:]|\.\d+/g, ""),
      this.scope,
      this.prior,
      sha256(message.raw[":date"]),
      sha256(message.payload),
    ].join("\n");
    this.prior = crypto.createHmac("sha256", this.key).update(text).digest("hex");
    if (this.prior !== message.headers[":chunk-signature"].toString("hex"))
      throw new Error("wrong signature");
  }
}

function answer(stream, mode, message) {
  const type = message.headers[":event-type"];
  if (mode.startsWith("quiet")) return true;
  if (mode.startsWith("fail")) {
    if (!stream.writableEnded)
      stream.end(
        encode(
          { ":message-type": "exception", ":exception-type": "ConflictException",
            ":content-type": "application/json" },
          Buffer.from('{"message":"no more"}')));
    return true;
  }
  if (type !== "TextInputEvent") return true;
  const { text } = JSON.parse(message.payload.toString());
  return stream.write(
    encode(
      { ":message-type": "event", ":event-type": "TextResponseEvent",
        ":content-type": "application/json" },
      Buffer.from(JSON.stringify({ messages: [{ contentType: "PlainText", content: text }] }))));
}

const server = http2.createSecureServer({
  key: fs.readFileSync(process.argv[2]),
  cert: fs.readFileSync(process.argv[3]),
});
server.on("stream", (stream, headers) => {
  const mode = /conversation$/.test(headers[":path"]) ? headers[":path"].split("/")[8] : "";
  const chain = new Chain(headers);
  let pending = Buffer.alloc(0);
  let responded = false;
  let ended = false;
  let events = 0;
  let fault = null;
  const respond = () => {
    if (!responded)
      stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream",
                       "x-amzn-requestid": "h2" });
    responded = true;
  };
  if (!mode.startsWith("late")) respond();
  stream.on("data", (bytes) => {
    pending = Buffer.concat([pending, bytes]);
    try {
      while (pending.length >= 4 && pending.length >= pending.readUInt32BE(0)) {
        const length = pending.readUInt32BE(0);
        const outer = decode(pending.subarray(0, length));
        pending = pending.subarray(length);
        chain.check(outer);
        if (outer.payload.length === 0) {
          ended = true;
          continue;
        }
        events++;
        respond();
        if (!answer(stream, mode, decode(outer.payload)) && !stream.isPaused()) {
          stream.pause(); // the client reads slowly
          stream.once("drain", () => stream.resume());
        }
      }
    } catch (error) {
      fault = error.message;
      stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    }
  });
  stream.on("end", () => {
    respond();
    stream.end();
  });
  stream.on("error", () => {});
  stream.on("close", () => {
    const how = fault || (ended ? "whole" : "cut off");
    console.log(`${mode} ${events} ${how}`);
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
