import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";
import {
  type HostDescription,
  type HostEndpoint,
  InputError,
  type IpAddress,
  type Profile,
  parseAddress,
  parseFlow,
} from "../../model/index.ts";

const PROFILES = ["public", "private", "domain"];
const KEYS = {
  host: ["addresses", "profile", "endpoints"],
  endpoint: ["protocol", "local", "remote", "app", "user", "groups", "service", "package"],
} as const;

/**
 * Reads a hosts file: YAML with `addresses`, `profile` and `endpoints` of the host that a capture is seen from (docs/replay.md).
 * @throws InputError with file and line.
 */
export function readHosts(text: string, options: { readonly source: string }): HostDescription {
  return new HostsReader(text, options.source).read();
}

class HostsReader {
  readonly #source: string;
  readonly #lines = new LineCounter();
  readonly #text: string;

  constructor(text: string, source: string) {
    this.#text = text;
    this.#source = source;
  }

  read(): HostDescription {
    const document = parseDocument(this.#text, { lineCounter: this.#lines });
    const [error] = document.errors;
    if (error !== undefined) this.#fail(`is not YAML: ${error.message.replace(/ at line \d+, column \d+:[\s\S]*$/, "")}`, error.pos[0]);
    const root = document.contents;
    if (!isMap(root)) return this.#fail("expected a mapping with addresses, profile or endpoints", 0);
    this.#checkKeys(root, KEYS.host);
    const profile = this.#wordAt(root, "profile");
    if (profile !== undefined && !PROFILES.includes(profile.value)) {
      this.#fail(`profile: expected ${PROFILES.join(", ")}, found "${profile.value}"`, profile.at);
    }
    return {
      source: this.#source,
      addresses: this.#items(root, "addresses").map((node) => this.#address(node)),
      ...(profile === undefined ? {} : { profile: profile.value as Profile }),
      endpoints: this.#items(root, "endpoints").map((node) => this.#endpoint(node)),
    };
  }

  /** An endpoint's values are those of the flow notation, which reads them. */
  #endpoint(node: Node): HostEndpoint {
    if (!isMap(node)) return this.#fail("expected an endpoint: a mapping with protocol, local, app…", node.range?.[0] ?? 0);
    this.#checkKeys(node, KEYS.endpoint);
    const value = (key: string): string | undefined => this.#wordAt(node, key)?.value;
    const protocol = value("protocol");
    if (protocol === undefined) return this.#fail("an endpoint needs a protocol: tcp, udp or a number", node.range?.[0] ?? 0);
    const details = (["app", "user", "groups", "service", "package"] as const).flatMap((key) => {
      const text = value(key);
      // Words such as none are names only where they are quoted, and quotes are needed for spaces alone.
      return text === undefined ? [] : [/\s/.test(text) ? `${key}="${text}"` : `${key}=${text}`];
    });
    const notation = `in ${protocol} ${value("remote") ?? "*:*"} > ${value("local") ?? "*:*"} ${details.join(" ")}`;
    try {
      const { direction: _direction, overrides: _overrides, family: _family, ...flow } = parseFlow(notation);
      return flow;
    } catch (error) {
      if (error instanceof InputError) return this.#fail(withoutPlace(error), node.range?.[0] ?? 0);
      throw error;
    }
  }

  #address(node: Node): IpAddress {
    const text = isScalar(node) ? String(node.value) : "";
    try {
      return parseAddress(text);
    } catch {
      return this.#fail(`addresses: expected an IP address, found "${text}"`, node.range?.[0] ?? 0);
    }
  }

  #items(map: YAMLMap, key: string): readonly Node[] {
    const list = map.get(key, true) as unknown;
    if (list === undefined || list === null) return [];
    if (!isSeq(list)) return this.#fail(`${key}: expected a list`, map.range?.[0] ?? 0);
    return list.items as Node[];
  }

  #wordAt(map: YAMLMap, key: string): { readonly value: string; readonly at: number } | undefined {
    const node = map.get(key, true) as unknown;
    if (node === undefined || node === null) return undefined;
    if (!isScalar(node)) return this.#fail(`${key}: expected a word`, map.range?.[0] ?? 0);
    return { value: String(node.value), at: node.range?.[0] ?? 0 };
  }

  #checkKeys(map: YAMLMap, known: readonly string[]): void {
    for (const { key } of map.items) {
      const name = isScalar(key) ? String(key.value) : "?";
      if (!known.includes(name))
        this.#fail(`unknown key "${name}", expected ${known.join(", ")}`, isScalar(key) ? (key.range?.[0] ?? 0) : 0);
    }
  }

  #fail(message: string, offset: number): never {
    throw new InputError(message, { file: this.#source, line: this.#lines.linePos(offset).line });
  }
}

/** The message of the flow notation, whose columns mean nothing in the file. */
function withoutPlace({ message }: InputError): string {
  return message.replace(/^flow, column \d+: /, "");
}
