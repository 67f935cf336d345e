import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Bfe, buildPolicy } from "../../src/engine/index.ts";
import { compileFirewall } from "../../src/firewall/index.ts";
import {
  type Condition,
  FILTER_FLAG,
  type Filter,
  type FwpValue,
  fieldName,
  formatAddress,
  formatIpv4,
  layerName,
  type Policy,
  SUBLAYER_KEY,
  subLayerName,
} from "../../src/model/index.ts";
import { decodeText, readNetsh } from "../../src/sources/index.ts";
import { CONFIG } from "../firewall/lab.ts";
import { defaultsTable, HAVE_DEFAULTS } from "./defaults-table.ts";

const folder = new URL("../../../shared/data/wfp/", import.meta.url);
const dumps = ["win11-22h2-windivert-npcap.wfpstate.xml", "win11-21h2-portmaster.wfpstate.xml"];

/** Values by what they say, not by whom they name: descriptors by the capabilities that count, everything of a machine left out. */
function valueShape(value: FwpValue, field: string): string {
  switch (value.type) {
    case "FWP_RANGE_TYPE":
      return `${valueShape(value.low, field)}..${valueShape(value.high, field)}`;
    case "FWP_SECURITY_DESCRIPTOR_TYPE": {
      const sids = (value.value.dacl ?? []).map((ace) => ace.sid);
      if (sids.some((sid) => sid.startsWith("S-1-5-80-"))) return "services";
      return sids.join(" ");
    }
    case "FWP_BYTE_ARRAY16_TYPE":
      return formatAddress({ family: 6, bytes: value.value });
    case "FWP_UINT32":
      return field.endsWith("_ADDRESS") ? formatIpv4(value.value) : String(value.value);
    case "FWP_BYTE_BLOB_TYPE":
      return "program";
    default:
      return "value" in value ? String(value.value) : value.type;
  }
}

function conditionShape({ fieldKey, matchType, value }: Condition): string {
  const field = fieldName(fieldKey);
  return `${field} ${matchType.replace("FWP_MATCH_", "")} ${valueShape(value, field)}`;
}

function weightShape({ weight }: Filter): string {
  return weight.type === "FWP_EMPTY" ? "auto" : `${weight.type === "FWP_UINT8" ? "tier " : ""}${weight.value}`;
}

function shape(filter: Filter): string {
  const lifetime = (["BOOTTIME", "PERSISTENT"] as const).filter((flag) => (filter.flags & FILTER_FLAG[flag]) !== 0).join();
  const callout = "calloutKey" in filter.action ? filter.action.calloutKey : "";
  const parts = [layerName(filter.layerKey), subLayerName(filter.subLayerKey), weightShape(filter), filter.action.type, callout, lifetime];
  return [...parts, ...filter.conditions.map(conditionShape).sort()].join(" | ");
}

const OWN = new Set<string>([
  SUBLAYER_KEY.MPSSVC_APP_ISOLATION,
  SUBLAYER_KEY.MPSSVC_QUARANTINE,
  SUBLAYER_KEY.MPSSVC_WSH,
  SUBLAYER_KEY.MPSSVC_WF,
  SUBLAYER_KEY.EDGE_TRAVERSAL,
]);

/** What is there on every machine, whatever its rules, services and interfaces. */
function isDefault(filter: Filter): boolean {
  if (!OWN.has(filter.subLayerKey)) return false;
  const fields = new Set(filter.conditions.map((condition) => fieldName(condition.fieldKey)));
  const { subLayerKey, weight } = filter;
  const tier = weight.type === "FWP_UINT8" ? weight.value : undefined;
  // Rules stand in tiers 9 and 10, hardened services have programs or ports, interfaces have LUIDs.
  if (tier === 9 || tier === 10 || fields.has("INTERFACE_QUARANTINE_EPOCH")) return false;
  if (subLayerKey === SUBLAYER_KEY.MPSSVC_WSH) return filter.conditions.length === 1 && fields.has("ALE_USER_ID");
  // Logging of dropped packets is a setting; of the two machines one has it on.
  if ("calloutKey" in filter.action && /96732e1e01[0-9a-f]{2}}$/.test(filter.action.calloutKey)) return false;
  // Teredo's neighbour discovery across profiles is not compiled.
  if (fields.has("IP_LOCAL_ADDRESS_TYPE") && fields.has("CURRENT_PROFILE_ID")) return false;
  return true;
}

const shapesOf = (policy: Policy): readonly string[] => [...new Set(policy.filters.filter(isDefault).map(shape))].sort();

describe.each(dumps)("defaults of the firewall in %s", (name) => {
  const file = new URL(name, folder);

  it.skipIf(!existsSync(file))("have the shapes that the compiler makes for one active profile", () => {
    const recorded = buildPolicy(readNetsh(decodeText(readFileSync(file)), { source: name }));
    const bfe = new Bfe({ windows: "11" });
    compileFirewall(bfe, { ...CONFIG, hardening: { services: ["W32Time"], rules: [] } });
    expect(shapesOf(bfe.policy)).toEqual(shapesOf(recorded));
  });
});

const PAGE = new URL("../../docs/firewall-defaults.md", import.meta.url);

describe.skipIf(!HAVE_DEFAULTS)("the table of default filters", () => {
  it("is the one in docs/firewall-defaults.md", () => {
    const { markdown, equal, recorded } = defaultsTable();
    const page = readFileSync(PAGE, "utf8");
    const updated = page.replace(
      /(<!-- table: [^>]* -->\n)[\s\S]*?(<!-- end -->)/,
      (_, head: string, tail: string) => `${head}${markdown}\n${tail}`,
    );
    if (process.env.UPDATE_DOCS !== undefined) writeFileSync(PAGE, updated);
    else expect(page).toBe(updated);
    // All but neighbour discovery between profiles (144) and a reserved callout (2).
    expect(recorded - equal).toBe(146);
  });
});
