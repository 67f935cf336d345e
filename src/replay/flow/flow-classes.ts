import { type FilterEngine, type ValueClasses, valueClasses } from "../../engine/index.ts";
import {
  addressTypeOf,
  type DataType,
  FIELD_KEY,
  type FieldName,
  type FlowSpec,
  type IpAddress,
  isLoopback,
  type Sid,
  sameAddress,
} from "../../model/index.ts";

const LOCAL_ADDRESS: readonly FieldName[] = ["IP_LOCAL_ADDRESS", "IP_SOURCE_ADDRESS", "IP_DESTINATION_ADDRESS"];
const REMOTE_ADDRESS: readonly FieldName[] = ["IP_REMOTE_ADDRESS", "IP_SOURCE_ADDRESS", "IP_DESTINATION_ADDRESS"];

interface AddressClasses {
  readonly 4: ValueClasses;
  readonly 6: ValueClasses;
}

/**
 * Sorts flows into classes of which no condition of a policy tells two members apart, so that one verdict serves them all. Of a captured
 * flow only its ends are its own: ports and addresses count by the class of their value among all conditions on them, everything else
 * as it is. No modelled callout looks at ports or addresses (WFP-SEMANTICS 1.5), and one that is not modelled leaves the verdict open.
 */
export class FlowClasses {
  readonly #localPort: ValueClasses;
  readonly #remotePort: ValueClasses;
  readonly #local: AddressClasses;
  readonly #remote: AddressClasses;

  /** Long names, and lists of them by identity, by number: keys stay short. */
  readonly #words = new Numbers<string | null | undefined>();
  readonly #lists = new Numbers<readonly Sid[]>();

  constructor(engine: FilterEngine) {
    this.#localPort = classesOf(engine, ["IP_LOCAL_PORT"], "FWP_UINT16");
    this.#remotePort = classesOf(engine, ["IP_REMOTE_PORT"], "FWP_UINT16");
    this.#local = addressClasses(engine, LOCAL_ADDRESS);
    this.#remote = addressClasses(engine, REMOTE_ADDRESS);
  }

  /** The class of a flow, as a text that is equal for flows of the same class. */
  classOf(flow: FlowSpec): string {
    const { direction, protocol, family, localAddress, remoteAddress, localPort, remotePort, icmp, app, user, service } = flow;
    const ports = `${portClass(this.#localPort, localPort)} ${portClass(this.#remotePort, remotePort)}`;
    const addresses = `${addressClass(this.#local, localAddress)} ${addressClass(this.#remote, remoteAddress)}`;
    const same = localAddress !== undefined && remoteAddress !== undefined && sameAddress(localAddress, remoteAddress);
    const message = icmp === undefined ? "" : `${icmp.type}/${icmp.code}`;
    const groups = flow.groups === undefined ? 0 : this.#lists.numberOf(flow.groups);
    const owner = `${this.#words.numberOf(app)} ${this.#words.numberOf(user)} ${this.#words.numberOf(service)} ${this.#words.numberOf(flow.package)} ${groups}`;
    return `${direction} ${protocol} ${family ?? 0} ${ports} ${addresses} ${same} ${message} ${flow.profile ?? ""} ${owner}`;
  }
}

/** Numbers what it is shown, the same thing the same. */
class Numbers<T> {
  readonly #known = new Map<T, number>();

  numberOf(value: T): number {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const number = this.#known.size + 1;
    this.#known.set(value, number);
    return number;
  }
}

function classesOf(engine: FilterEngine, names: readonly FieldName[], type: DataType): ValueClasses {
  const keys = new Set<string>(names.map((name) => FIELD_KEY[name]));
  return valueClasses(
    type,
    engine.policy.filters.flatMap(({ conditions }) => conditions.filter(({ fieldKey }) => keys.has(fieldKey))),
  );
}

function addressClasses(engine: FilterEngine, names: readonly FieldName[]): AddressClasses {
  return { 4: classesOf(engine, names, "FWP_UINT32"), 6: classesOf(engine, names, "FWP_BYTE_ARRAY16_TYPE") };
}

function portClass(classes: ValueClasses, port: number | undefined): number {
  return port === undefined ? -1 : classes.classOf({ type: "FWP_UINT16", value: port });
}

/** Class by conditions, and what the shims derive from an address beside its value. */
function addressClass(classes: AddressClasses, address: IpAddress | undefined): string {
  if (address === undefined) return "*";
  const number =
    address.family === 4
      ? classes[4].classOf({ type: "FWP_UINT32", value: address.value })
      : classes[6].classOf({ type: "FWP_BYTE_ARRAY16_TYPE", value: address.bytes });
  return `${number}${addressTypeOf(address)}${isLoopback(address) ? "L" : ""}`;
}
