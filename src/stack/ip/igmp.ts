import type { IpAddress } from "../../model/index.ts";
import { internetChecksum } from "../../wire/index.ts";
import type { Host } from "../host.ts";
import type { NetworkInterface } from "../interface.ts";
import { PROTOCOL } from "../packet.ts";
import { sendIp } from "./output.ts";

/** IGMPv3 Membership Report (RFC 3376 4.2) and MLDv2 Report (RFC 3810 5.2): both start with type and end with one group record. */
const IGMP_V3_REPORT = 0x22;
const MLD_V2_REPORT = 143;
const CHANGE_TO_EXCLUDE = 4;
const IGMP_ROUTERS: IpAddress = { family: 4, value: 0xe0000016 };
const MLD_ROUTERS: IpAddress = { family: 6, bytes: Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16) };

/** Tells the routers that a group has a member here. The loopback interface has none. */
export function reportMembership(host: Host, networkInterface: NetworkInterface, group: IpAddress): void {
  if (networkInterface.link === "loopback") return;
  const source = networkInterface.addresses.find(({ address }) => address.family === group.family)?.address;
  if (source === undefined) return;
  const header = { source, hopLimit: 1 };
  if (group.family === 4) {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, IGMP_V3_REPORT);
    view.setUint16(6, 1);
    view.setUint8(8, CHANGE_TO_EXCLUDE);
    view.setUint32(12, group.value);
    view.setUint16(2, internetChecksum(bytes));
    sendIp(host, { ...header, destination: IGMP_ROUTERS, protocol: PROTOCOL.IGMP, payload: bytes });
    return;
  }
  const body = new Uint8Array(20);
  body[0] = CHANGE_TO_EXCLUDE;
  body.set(group.bytes, 4);
  const message = { type: MLD_V2_REPORT, code: 0, parameter: 1, body };
  sendIp(host, { ...header, destination: MLD_ROUTERS, protocol: PROTOCOL.ICMPV6, message });
}
