import { type FieldValue, uint32, uint64 } from "../../../model/index.ts";
import type { Fact, IndicationFacts, InterfaceFacts } from "../../facts.ts";
import type { FieldBuilders } from "./endpoint-fields.ts";
import { fieldOf, part, profileField } from "./fact.ts";

type Choose = (facts: IndicationFacts) => Fact<InterfaceFacts>;

const number =
  (choose: Choose, get: (known: InterfaceFacts) => Fact<number>) =>
  (facts: IndicationFacts): FieldValue =>
    fieldOf(part(choose(facts), get), uint32);
const luid =
  (choose: Choose) =>
  (facts: IndicationFacts): FieldValue =>
    fieldOf(
      part(choose(facts), (known) => known.luid),
      uint64,
    );
const profile =
  (choose: Choose) =>
  (facts: IndicationFacts): FieldValue =>
    profileField(part(choose(facts), (known) => known.profile));

const local: Choose = (facts) => facts.localInterface;
const arrival: Choose = (facts) => facts.arrivalInterface;
const nexthop: Choose = (facts) => facts.nexthopInterface;

/** The interface a packet crosses; the local one where there is no packet. */
function crossed(facts: IndicationFacts): Fact<InterfaceFacts> {
  return (facts.direction === "inbound" ? facts.arrivalInterface : facts.nexthopInterface) ?? facts.localInterface;
}

/** Interfaces and the networks they are connected to. */
export const INTERFACE_FIELDS: FieldBuilders = {
  IP_LOCAL_INTERFACE: luid(local),
  LOCAL_INTERFACE_PROFILE_ID: profile(local),
  INTERFACE_INDEX: number(crossed, ({ index }) => index),
  SUB_INTERFACE_INDEX: number(crossed, ({ subInterfaceIndex }) => subInterfaceIndex),
  INTERFACE_TYPE: number(crossed, ({ type }) => type),
  TUNNEL_TYPE: number(crossed, ({ tunnelType }) => tunnelType),
  INTERFACE_QUARANTINE_EPOCH: (facts) =>
    fieldOf(
      part(crossed(facts), ({ quarantineEpoch }) => quarantineEpoch),
      uint64,
    ),
  IP_ARRIVAL_INTERFACE: luid(arrival),
  ARRIVAL_INTERFACE_INDEX: number(arrival, ({ index }) => index),
  ARRIVAL_INTERFACE_TYPE: number(arrival, ({ type }) => type),
  ARRIVAL_TUNNEL_TYPE: number(arrival, ({ tunnelType }) => tunnelType),
  ARRIVAL_INTERFACE_PROFILE_ID: profile(arrival),
  IP_NEXTHOP_INTERFACE: luid(nexthop),
  NEXTHOP_INTERFACE_INDEX: number(nexthop, ({ index }) => index),
  NEXTHOP_SUB_INTERFACE_INDEX: number(nexthop, ({ subInterfaceIndex }) => subInterfaceIndex),
  NEXTHOP_INTERFACE_TYPE: number(nexthop, ({ type }) => type),
  NEXTHOP_TUNNEL_TYPE: number(nexthop, ({ tunnelType }) => tunnelType),
  NEXTHOP_INTERFACE_PROFILE_ID: profile(nexthop),
  ORIGINAL_PROFILE_ID: (facts) => profileField(facts.originalProfile),
  CURRENT_PROFILE_ID: (facts) => profileField(facts.currentProfile),
  COMPARTMENT_ID: (facts) => fieldOf(facts.compartmentId, uint32),
};
