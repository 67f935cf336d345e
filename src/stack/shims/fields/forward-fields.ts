import { uint32, uint64 } from "../../../model/index.ts";
import type { FieldBuilders } from "./endpoint-fields.ts";
import { fieldOf, part, profileField } from "./fact.ts";

/** The two interfaces of a packet that passes through: where it came in and where it leaves. */
export const FORWARD_FIELDS: FieldBuilders = {
  IP_LOCAL_INTERFACE: ({ arrivalInterface }) =>
    fieldOf(
      part(arrivalInterface, ({ luid }) => luid),
      uint64,
    ),
  IP_FORWARD_INTERFACE: ({ nexthopInterface }) =>
    fieldOf(
      part(nexthopInterface, ({ luid }) => luid),
      uint64,
    ),
  SOURCE_INTERFACE_INDEX: ({ arrivalInterface }) =>
    fieldOf(
      part(arrivalInterface, ({ index }) => index),
      uint32,
    ),
  SOURCE_SUB_INTERFACE_INDEX: ({ arrivalInterface }) =>
    fieldOf(
      part(arrivalInterface, ({ subInterfaceIndex }) => subInterfaceIndex),
      uint32,
    ),
  DESTINATION_INTERFACE_INDEX: ({ nexthopInterface }) =>
    fieldOf(
      part(nexthopInterface, ({ index }) => index),
      uint32,
    ),
  DESTINATION_SUB_INTERFACE_INDEX: ({ nexthopInterface }) =>
    fieldOf(
      part(nexthopInterface, ({ subInterfaceIndex }) => subInterfaceIndex),
      uint32,
    ),
  IP_PHYSICAL_ARRIVAL_INTERFACE: ({ arrivalInterface }) =>
    fieldOf(
      part(arrivalInterface, ({ luid }) => luid),
      uint64,
    ),
  IP_PHYSICAL_NEXTHOP_INTERFACE: ({ nexthopInterface }) =>
    fieldOf(
      part(nexthopInterface, ({ luid }) => luid),
      uint64,
    ),
  ARRIVAL_INTERFACE_PROFILE_ID: ({ arrivalInterface }) => profileField(part(arrivalInterface, ({ profile }) => profile)),
  NEXTHOP_INTERFACE_PROFILE_ID: ({ nexthopInterface }) => profileField(part(nexthopInterface, ({ profile }) => profile)),
};
