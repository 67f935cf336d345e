import type { BfeSession } from "../../engine/index.ts";
import type { Guid } from "../../model/index.ts";
import { stableKey } from "./stable-key.ts";

/** Provider contexts that hold a filter's origin as UTF-16LE text; filters of one origin, provider and lifetime share one. */
export class OriginContexts {
  readonly #session: BfeSession;
  readonly #keys = new Map<string, Guid>();

  constructor(session: BfeSession) {
    this.#session = session;
  }

  /** A persistent filter may refer to persistent objects of its own provider only (WFP-SEMANTICS 1.8). */
  contextOf(origin: string, provider: Guid, persistent: boolean): Guid {
    const identity = `${provider}|${persistent}|${origin}`;
    const known = this.#keys.get(identity);
    if (known !== undefined) return known;
    const key = stableKey(`origin|${identity}`);
    this.#session.addProviderContext({
      key,
      name: "Filter origin",
      description: origin,
      persistent,
      providerKey: provider,
      type: "FWPM_GENERAL_CONTEXT",
      body: { kind: "data", data: utf16(origin) },
    });
    this.#keys.set(identity, key);
    return key;
  }
}

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length + 1) * 2);
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    bytes[index * 2] = unit & 0xff;
    bytes[index * 2 + 1] = unit >>> 8;
  }
  return bytes;
}
