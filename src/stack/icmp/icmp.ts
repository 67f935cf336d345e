import type { AleEndpoint } from "../ale/endpoint.ts";
import type { Echo } from "./echo.ts";

/** ICMP of one host: echo requests that wait for their reply, and the endpoints in whose name the stack itself speaks. */
export class Icmp {
  readonly #echoes = new Map<number, Echo>();
  /** The kernel's endpoint of each IP version. */
  readonly endpoints = new Map<4 | 6, AleEndpoint>();
  #identifier = 0;

  /** Identifier of the next echo request; Windows counts from 1. */
  nextIdentifier(): number {
    this.#identifier = (this.#identifier + 1) & 0xffff;
    return this.#identifier;
  }

  add(echo: Echo): void {
    this.#echoes.set(echo.identifier, echo);
  }

  remove(echo: Echo): void {
    this.#echoes.delete(echo.identifier);
  }

  /** The request that waits for a reply with this identifier. */
  waiting(identifier: number): Echo | undefined {
    return this.#echoes.get(identifier);
  }
}
