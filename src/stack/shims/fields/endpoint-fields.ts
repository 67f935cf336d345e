import {
  byteArray16,
  type FieldName,
  type FieldValue,
  type FwpValue,
  type IpAddress,
  type Layer,
  uint8,
  uint16,
  uint32,
} from "../../../model/index.ts";
import type { Fact, IndicationFacts } from "../../facts.ts";
import { addressTypeField, fieldOf, part } from "./fact.ts";

/** Maps facts to the value of one field. */
export type FieldBuilder = (facts: IndicationFacts, layer: Layer) => FieldValue;

export type FieldBuilders = Partial<Record<FieldName, FieldBuilder>>;

/** An IPv4 address is a UINT32 in host order, an IPv6 one 16 bytes; an IPv6 layer sees an IPv4 peer as its mapped address. */
function addressValue(address: IpAddress, layer: Layer): FwpValue {
  if (address.family === 6) return byteArray16(address.bytes);
  if (layer.family !== 6) return uint32(address.value);
  const mapped = new Uint8Array(16);
  mapped[10] = mapped[11] = 0xff;
  new DataView(mapped.buffer).setUint32(12, address.value);
  return byteArray16(mapped);
}

const addressField = (fact: Fact<IpAddress>, layer: Layer) => fieldOf(fact, (address) => addressValue(address, layer));

/** Addresses, ports, protocol, direction: who talks to whom. */
export const ENDPOINT_FIELDS: FieldBuilders = {
  IP_PROTOCOL: (facts) => fieldOf(facts.protocol, uint8),
  IP_LOCAL_ADDRESS: (facts, layer) => addressField(facts.localAddress, layer),
  IP_REMOTE_ADDRESS: (facts, layer) => addressField(facts.remoteAddress, layer),
  IP_SOURCE_ADDRESS: (facts, layer) => addressField(facts.direction === "outbound" ? facts.localAddress : facts.remoteAddress, layer),
  IP_DESTINATION_ADDRESS: (facts, layer) => addressField(facts.direction === "outbound" ? facts.remoteAddress : facts.localAddress, layer),
  IP_LOCAL_ADDRESS_TYPE: (facts) => addressTypeField(facts.localAddressType),
  IP_DESTINATION_ADDRESS_TYPE: (facts) =>
    addressTypeField(facts.flowDirection === "outbound" ? facts.remoteAddressType : facts.localAddressType),
  IP_LOCAL_PORT: (facts) => fieldOf(facts.localPort, uint16),
  IP_REMOTE_PORT: (facts) => fieldOf(facts.remotePort, uint16),
  ORIGINAL_ICMP_TYPE: (facts) => fieldOf(facts.originalIcmpType, uint16),
  EMBEDDED_PROTOCOL: (facts) =>
    fieldOf(
      part(facts.embedded, ({ protocol }) => protocol),
      uint8,
    ),
  EMBEDDED_REMOTE_ADDRESS: (facts, layer) =>
    addressField(
      part(facts.embedded, ({ remoteAddress }) => remoteAddress),
      layer,
    ),
  EMBEDDED_LOCAL_ADDRESS_TYPE: (facts) => addressTypeField(part(facts.embedded, ({ localAddressType }) => localAddressType)),
  EMBEDDED_LOCAL_PORT: (facts) =>
    fieldOf(
      part(facts.embedded, ({ localPort }) => localPort),
      uint16,
    ),
  EMBEDDED_REMOTE_PORT: (facts) =>
    fieldOf(
      part(facts.embedded, ({ remotePort }) => remotePort),
      uint16,
    ),
};
