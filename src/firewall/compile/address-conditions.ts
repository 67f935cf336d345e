import { byteArray16, type Condition, type FwpValue, type IpAddress, uint32 } from "../../model/index.ts";
import { type AddressRange, compareAddresses } from "../address-range.ts";
import { equal, inRange } from "./conditions.ts";

function addressValue(address: IpAddress): FwpValue {
  return address.family === 4 ? uint32(address.value) : byteArray16(address.bytes);
}

/** The firewall writes every subnet as a range; a single address is an equality. */
export function addressIn(side: "LOCAL" | "REMOTE", { low, high }: AddressRange): Condition {
  const field = `IP_${side}_ADDRESS` as const;
  return compareAddresses(low, high) === 0 ? equal(field, addressValue(low)) : inRange(field, addressValue(low), addressValue(high));
}
