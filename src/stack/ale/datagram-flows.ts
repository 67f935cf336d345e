import { formatAddress } from "../../model/index.ts";
import type { AleEndpoint, TransportAddress } from "./endpoint.ts";
import type { AleFlow } from "./flow.ts";
import type { FlowTable } from "./flow-table.ts";

/**
 * Flows of protocols without connections, by socket and peer (WFP-SHIMS 4.5). The redirected one stands under the address that the
 * program asks for.
 */
export class DatagramFlows {
  readonly #table: FlowTable;
  readonly #flows = new Map<string, AleFlow>();

  constructor(table: FlowTable) {
    this.#table = table;
  }

  find(endpoint: AleEndpoint, peer: TransportAddress, discriminator = ""): AleFlow | undefined {
    const key = keyOf(endpoint, peer, discriminator);
    const flow = this.#flows.get(key);
    if (flow === undefined || this.#table.has(flow)) return flow;
    this.#flows.delete(key);
    return undefined;
  }

  add(flow: AleFlow, peer: TransportAddress, discriminator = ""): void {
    this.#flows.set(keyOf(flow.endpoint, peer, discriminator), flow);
  }

  /** The flows of a socket that are alive. */
  of(endpoint: AleEndpoint): readonly AleFlow[] {
    return [...this.#flows.values()].filter((flow) => flow.endpoint === endpoint && this.#table.has(flow));
  }

  /** Ends all flows of a socket: it closes. */
  end(endpoint: AleEndpoint): void {
    for (const [key, flow] of this.#flows) {
      if (flow.endpoint !== endpoint) continue;
      this.#flows.delete(key);
      this.#table.remove(flow);
    }
  }
}

function keyOf({ handle }: AleEndpoint, { address, port }: TransportAddress, discriminator: string): string {
  return `${handle} ${formatAddress(address)} ${port} ${discriminator}`;
}
