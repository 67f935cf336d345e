import { EMPTY, type FieldValue, type FwpValue, uint8, uint16, uint32 } from "../../../model/index.ts";
import type { IndicationFacts, LinkFacts } from "../../facts.ts";
import type { FieldBuilders } from "./endpoint-fields.ts";

/** NdisMedium802_3, and NdisPhysicalMediumUnspecified (ntddndis.h). */
const MEDIUM_802_3 = 0;
const PHYSICAL_UNSPECIFIED = 0;
/** DL_ADDRESS_TYPE: unicast, multicast, broadcast (netiodef.h). */
const DL_UNICAST = 0;
const DL_MULTICAST = 1;
const DL_BROADCAST = 2;

const mac = (bytes: Uint8Array): FwpValue => ({ type: "FWP_BYTE_ARRAY6_TYPE", value: bytes });

function linkAddressType(address: Uint8Array): number {
  if (address.every((byte) => byte === 0xff)) return DL_BROADCAST;
  return ((address[0] ?? 0) & 1) === 1 ? DL_MULTICAST : DL_UNICAST;
}

const ofLink =
  (get: (link: LinkFacts) => FwpValue) =>
  ({ link }: IndicationFacts): FieldValue =>
    link === undefined ? EMPTY : get(link);

/** Of frames: addresses of the link, and what the frame carries (WFP-SHIMS 4.10). */
export const MAC_FIELDS: FieldBuilders = {
  INTERFACE_MAC_ADDRESS: ofLink(({ local }) => mac(local)),
  MAC_LOCAL_ADDRESS: ofLink(({ local }) => mac(local)),
  MAC_REMOTE_ADDRESS: ofLink(({ remote }) => mac(remote)),
  MAC_LOCAL_ADDRESS_TYPE: ofLink(({ local }) => uint8(linkAddressType(local))),
  MAC_REMOTE_ADDRESS_TYPE: ofLink(({ remote }) => uint8(linkAddressType(remote))),
  ETHER_TYPE: ofLink(({ etherType }) => uint16(etherType)),
  VLAN_ID: () => EMPTY,
  NDIS_MEDIA_TYPE: () => uint32(MEDIUM_802_3),
  NDIS_PHYSICAL_MEDIA_TYPE: () => uint32(PHYSICAL_UNSPECIFIED),
  NDIS_PORT: () => uint32(0),
  L2_FLAGS: () => uint32(0),
};
