import { type Field, type FwpValue, parseAddress } from "../../model/index.ts";

const PORTS = [443, 445, 3389, 80, 53, 22, 135, 5985, 8080, 50_000];
const PROTOCOLS = [6, 17, 1, 58];
/** The machine's own addresses, where nobody tells. */
const OWN = ["10.0.0.5", "2001:db8::5"] as const;
const V4 = ["203.0.113.9", "10.0.0.9", "192.168.1.9", "172.16.0.9", "8.8.8.8", "127.0.0.1", "169.254.7.9", "224.0.0.251"];
const V6 = ["2001:db8:ffff::9", "2606:4700::9", "fe80::9", "fd00::9", "::1", "ff02::fb"];

/** Values that people know of a field: the first ones to stand for a class. */
export function knownValues({ name, dataType }: Pick<Field, "name" | "dataType">): readonly FwpValue[] {
  if (/PORT$/.test(name) && dataType === "FWP_UINT16") return PORTS.map((value) => ({ type: dataType, value }));
  if (/PROTOCOL$/.test(name) && dataType === "FWP_UINT8") return PROTOCOLS.map((value) => ({ type: dataType, value }));
  const own = /LOCAL/.test(name);
  if (/ADDRESS$/.test(name) && dataType === "FWP_UINT32") {
    return [...(own ? [OWN[0]] : []), ...V4]
      .map(parseAddress)
      .flatMap((address) => (address.family === 4 ? [{ type: dataType, value: address.value } as const] : []));
  }
  if (/ADDRESS$/.test(name) && dataType === "FWP_BYTE_ARRAY16_TYPE") {
    return [...(own ? [OWN[1]] : []), ...V6]
      .map(parseAddress)
      .flatMap((address) => (address.family === 6 ? [{ type: dataType, value: address.bytes } as const] : []));
  }
  if (name === "FLAGS" && dataType === "FWP_UINT32") return [{ type: dataType, value: 0 }];
  if (/PROFILE_ID$/.test(name) && dataType === "FWP_UINT32") return [1, 2, 3, 0].map((value) => ({ type: dataType, value }));
  return [];
}
