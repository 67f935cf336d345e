import type { IpAddress } from "../../model/index.ts";
import { emitTcpPacket, type parseTcpOptions, type TcpOption, TcpView } from "../../wire/index.ts";
import { pseudoHeader } from "../ip/pseudo-header.ts";
import type { TcpOptions, TcpSegment } from "./segment.ts";

const NOP: TcpOption = { kind: "no-operation" };

/** The bytes of a segment with its checksum. */
export function emitSegment(segment: TcpSegment, source: IpAddress, destination: IpAddress): Uint8Array {
  const { sourcePort, destinationPort, sequence, acknowledgment, flags, window, payload } = segment;
  return emitTcpPacket(
    {
      sourcePort,
      destinationPort,
      sequence,
      acknowledgment,
      flags: { ...flags, urg: false, ece: false, cwr: false },
      window,
      urgentPointer: 0,
      options: optionList(segment.options),
      payload,
    },
    pseudoHeader({ source, destination }),
  );
}

/** The segment in `bytes`; undefined if its checksum is wrong. Reserved and urgent bits are ignored. @throws WireError */
export function parseSegment(bytes: Uint8Array, source: IpAddress, destination: IpAddress): TcpSegment | undefined {
  const view = TcpView.checked(bytes);
  if (!view.isChecksumValid(pseudoHeader({ source, destination }))) return undefined;
  const { sourcePort, destinationPort, sequence, acknowledgment, window, payload } = view;
  const { syn, ack, fin, rst, psh } = view.flags;
  return {
    sourcePort,
    destinationPort,
    sequence,
    acknowledgment,
    flags: { syn, ack, fin, rst, psh },
    window,
    options: optionsOf(view.options),
    payload,
  };
}

/** In the order of Windows' SYNs: size, scale, SACK; each padded to a word. */
function optionList({ maximumSegmentSize, windowScale, sackPermitted, sackBlocks = [], timestamps }: TcpOptions): TcpOption[] {
  const options: TcpOption[] = [];
  if (maximumSegmentSize !== undefined) options.push({ kind: "maximum-segment-size", value: maximumSegmentSize });
  if (windowScale !== undefined) options.push(NOP, { kind: "window-scale", shift: windowScale });
  if (sackPermitted === true) options.push(NOP, NOP, { kind: "sack-permitted" });
  if (timestamps !== undefined) options.push(NOP, NOP, { kind: "timestamps", value: timestamps.value, echoReply: timestamps.echo });
  if (sackBlocks.length > 0) options.push(NOP, NOP, { kind: "sack", blocks: sackBlocks });
  return options;
}

function optionsOf(list: ReturnType<typeof parseTcpOptions>): TcpOptions {
  const options: { -readonly [K in keyof TcpOptions]: TcpOptions[K] } = {};
  for (const option of list) {
    if (option.kind === "maximum-segment-size") options.maximumSegmentSize = option.value;
    else if (option.kind === "window-scale") options.windowScale = option.shift;
    else if (option.kind === "sack-permitted") options.sackPermitted = true;
    else if (option.kind === "sack") options.sackBlocks = option.blocks;
    else if (option.kind === "timestamps") options.timestamps = { value: option.value, echo: option.echoReply };
  }
  return options;
}
