import { type Frame, IP_PROTOCOL } from "./frame.ts";

/** Words of a key: family and protocol, ports, then two addresses of four words each; of IPv4 the first is used. */
export const FLOW_KEY_WORDS = 10;

const ECHO_IPV4: readonly number[] = [0, 8];
const ECHO_IPV6: readonly number[] = [128, 129];

/**
 * The 5-tuple of a frame in an order that does not depend on the direction: the smaller of the two endpoints comes first. One object is
 * set per packet and compared with, or copied into, a table of words, so that a flow table needs no object per packet.
 */
export class FlowKey {
  readonly words = new Uint32Array(FLOW_KEY_WORDS);
  /** UINT32, well mixed in its lower bits too, the same for both directions. */
  hash = 0xffff_ffff;
  /** The frame goes from the second endpoint to the first. */
  reversed = false;

  /**
   * False, and nothing set, where there is no IP. VLANs are not part of the key: a host sees its packets without. The ports of an ICMP
   * echo are its identifier; of protocols without ports, and of fragments beyond the first, 0.
   */
  set(frame: Frame): boolean {
    if (frame.family === 4) this.#setIpv4(frame);
    else if (frame.family === 6) this.#setIpv6(frame);
    else return false;
    return true;
  }

  /** Whether the ten words at `at` are this key. */
  equals(table: Uint32Array, at: number): boolean {
    const { words } = this;
    if (table[at + 1] !== words[1] || table[at + 2] !== words[2] || table[at + 6] !== words[6] || table[at] !== words[0]) return false;
    if ((words[0] ?? 0) >>> 16 === 4) return true;
    return (
      table[at + 3] === words[3] &&
      table[at + 4] === words[4] &&
      table[at + 5] === words[5] &&
      table[at + 7] === words[7] &&
      table[at + 8] === words[8] &&
      table[at + 9] === words[9]
    );
  }

  copyTo(table: Uint32Array, at: number): void {
    table.set(this.words, at);
  }

  #setIpv4(frame: Frame): void {
    const { view } = frame;
    const { words } = this;
    const source = view.getUint32(frame.source);
    const destination = view.getUint32(frame.destination);
    const sourcePort = portOf(frame, frame.sourcePort);
    const destinationPort = portOf(frame, frame.destinationPort);
    const reversed = source > destination || (source === destination && sourcePort > destinationPort);
    const ports = reversed ? (destinationPort << 16) | sourcePort : (sourcePort << 16) | destinationPort;
    const low = reversed ? destination : source;
    const high = reversed ? source : destination;
    const first = (4 << 16) | frame.protocol;
    words[0] = first;
    words[1] = ports;
    words[2] = low;
    words[6] = high;
    this.reversed = reversed;
    this.hash = finish(mix(mix(mix(first, ports), low), high));
  }

  #setIpv6(frame: Frame): void {
    const { view } = frame;
    const { words } = this;
    const sourcePort = portOf(frame, frame.sourcePort);
    const destinationPort = portOf(frame, frame.destinationPort);
    const order = compareAddresses(view, frame.source, frame.destination);
    const reversed = order > 0 || (order === 0 && sourcePort > destinationPort);
    const ports = reversed ? (destinationPort << 16) | sourcePort : (sourcePort << 16) | destinationPort;
    const first = (6 << 16) | frame.protocol;
    const low = reversed ? frame.destination : frame.source;
    const high = reversed ? frame.source : frame.destination;
    words[0] = first;
    words[1] = ports;
    let hash = mix(first, ports);
    for (let word = 0; word < 4; word++) {
      const lowWord = view.getUint32(low + word * 4);
      const highWord = view.getUint32(high + word * 4);
      words[2 + word] = lowWord;
      words[6 + word] = highWord;
      hash = mix(mix(hash, lowWord), highWord);
    }
    this.reversed = reversed;
    this.hash = finish(hash);
  }
}

function portOf(frame: Frame, port: number): number {
  if (port >= 0) return port;
  if (frame.icmpType < 0 || frame.protocol === IP_PROTOCOL.igmp) return 0;
  const echo = frame.protocol === IP_PROTOCOL.icmp ? ECHO_IPV4 : ECHO_IPV6;
  return echo.includes(frame.icmpType) ? frame.icmpParameter >>> 16 : 0;
}

function compareAddresses(view: DataView, left: number, right: number): number {
  for (let at = 0; at < 16; at += 4) {
    const difference = view.getUint32(left + at) - view.getUint32(right + at);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Multiply, rotate, as MurmurHash3 does (Appleby, public domain), so that close addresses end far apart. */
function mix(hash: number, word: number): number {
  let value = Math.imul(word, 0xcc9e2d51);
  value = (value << 15) | (value >>> 17);
  const mixed = hash ^ Math.imul(value, 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let value = hash;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
