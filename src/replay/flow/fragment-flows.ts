import type { Frame } from "../../wire/index.ts";
import type { FlowState } from "./flow-state.ts";

/** How many datagrams whose later pieces are still to come are remembered. */
const REMEMBERED = 1024;

/** Later fragments have no ports: they belong to the flow of their first one, by addresses and identification. */
export class FragmentFlows {
  readonly #flows = new Map<string, FlowState>();

  add(frame: Frame, flow: FlowState): void {
    const key = keyOf(frame);
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    if (this.#flows.size <= REMEMBERED) return;
    const [oldest] = this.#flows.keys();
    if (oldest !== undefined) this.#flows.delete(oldest);
  }

  find(frame: Frame): FlowState | null {
    return this.#flows.get(keyOf(frame)) ?? null;
  }
}

function keyOf({ view, source, destination, family, fragmentId, protocol }: Frame): string {
  const words = family === 4 ? 1 : 4;
  let key = `${fragmentId} ${protocol}`;
  for (let word = 0; word < words; word++) key += ` ${view.getUint32(source + 4 * word)} ${view.getUint32(destination + 4 * word)}`;
  return key;
}
