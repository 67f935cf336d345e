import {
  type AddressRange,
  byteArray16,
  type Condition,
  compareAddresses,
  type FwpValue,
  type IpAddress,
  uint32,
} from "../../model/index.ts";
import { equal, inRange } from "./conditions.ts";

function addressValue(address: IpAddress): FwpValue {
  return address.family === 4 ? uint32(address.value) : byteArray16(address.bytes);
}

/** The firewall writes every subnet as a range; a single address is an equality. */
export function addressIn(side: "LOCAL" | "REMOTE", { low, high }: AddressRange): Condition {
  const field = `IP_${side}_ADDRESS` as const;
  return compareAddresses(low, high) === 0 ? equal(field, addressValue(low)) : inRange(field, addressValue(low), addressValue(high));
}
