import { Bfe, type BfeSession } from "../../../src/engine/index.ts";
import {
  type AuditRecord,
  type Condition,
  type FilterAction,
  type Guid,
  type Interpretation,
  LAYER_KEY,
  type LayerName,
  type NetEventRecord,
  type Policy,
  parseAddress,
  type SessionRecord,
  type WindowsVersion,
} from "../../../src/model/index.ts";
import {
  type DiagnosticsOptions,
  desktopProcess,
  ethernet,
  type Host,
  type NetworkInterface,
  Simulation,
} from "../../../src/stack/index.ts";

export const KEYWORDS_ALL = 0x3f;

export interface WorldOptions {
  readonly windows?: WindowsVersion;
  readonly interpretation?: Partial<Interpretation>;
  readonly diagnostics?: Partial<DiagnosticsOptions>;
  readonly policy?: Policy;
}

/** One simulation; hosts with their own policy, of which all write events. */
export class World {
  readonly simulation = new Simulation();
  readonly options: WorldOptions;
  readonly #sessions = new Map<Host, BfeSession>();

  constructor(options: WorldOptions = {}) {
    this.options = options;
  }

  host(name: string, interfaces: readonly NetworkInterface[], options: WorldOptions = {}): Host {
    const { windows = "11", interpretation = {}, diagnostics = {}, policy } = { ...this.options, ...options };
    const bfe = new Bfe({ windows, interpretation, ...(policy === undefined ? {} : { policy, phase: "running" }) });
    return this.simulation.addHost({ name, windows, bfe, interfaces, diagnostics });
  }

  /** A host with 10.0.0.`last` and 2001:db8::`last`. */
  plain(name: string, last: number, options: WorldOptions = {}): Host {
    return this.host(name, [ethernet({ index: 12, addresses: [`10.0.0.${last}/24`, `2001:db8::${last}/64`] })], options);
  }

  filter(
    host: Host,
    layer: LayerName,
    options: { action?: FilterAction; conditions?: readonly Condition[]; subLayer?: Guid } = {},
  ): bigint {
    const session = this.#sessions.get(host) ?? host.bfe.openSession({ name: "test" });
    this.#sessions.set(host, session);
    const { action = { type: "FWP_ACTION_BLOCK" }, conditions = [], subLayer } = options;
    return session.addFilter({
      name: `test filter at ${layer}`,
      layer: LAYER_KEY[layer],
      conditions,
      action,
      ...(subLayer === undefined ? {} : { subLayer }),
    });
  }

  run(): readonly SessionRecord[] {
    this.simulation.run();
    return this.simulation.records;
  }

  audits(host: Host): AuditRecord[] {
    return this.run().filter((record): record is AuditRecord => record.type === "audit" && record.host === host.name);
  }

  netEvents(host: Host): NetEventRecord[] {
    return this.run().filter((record): record is NetEventRecord => record.type === "netevent" && record.host === host.name);
  }
}

export const program = desktopProcess("C:\\Program Files\\Test\\test.exe", 1234);

export const address = parseAddress;

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
