import { type IpAddress, sameAddress } from "../../model/index.ts";
import type { AleEndpoint } from "./endpoint.ts";

/** Sockets of one host that are bound: who has an address and a port. */
export class EndpointTable {
  readonly #endpoints = new Set<AleEndpoint>();

  add(endpoint: AleEndpoint): void {
    this.#endpoints.add(endpoint);
  }

  remove(endpoint: AleEndpoint): void {
    this.#endpoints.delete(endpoint);
  }

  /** The endpoint at an address and port; one bound to the very address comes before one bound to all. */
  at(protocol: number, address: IpAddress, port: number): AleEndpoint | undefined {
    let any: AleEndpoint | undefined;
    for (const endpoint of this.#endpoints) {
      if (endpoint.protocol !== protocol || endpoint.localPort !== port) continue;
      if (endpoint.localAddress === null) {
        if (endpoint.family === address.family || endpoint.isDualStack) any ??= endpoint;
      } else if (sameAddress(endpoint.localAddress, address)) return endpoint;
    }
    return any;
  }
}
